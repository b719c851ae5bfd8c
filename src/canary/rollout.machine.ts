/**
 * The life of a rollout, as a statechart. Pure: no clock, no network, no timers (they would be lost on restore); time arrives in
 * events. What the world should look like in each state is said by `desired.ts`, not by actions here.
 *
 * Invariant: every way to `promoting` but a person's `operator.promoted` leads through the gates of the plan.
 * Invariant: `operator.aborted` is heard in every state in which a candidate may have traffic.
 */

import { assign, type SnapshotFrom, setup } from 'xstate';
import { EMPTY_CONTEXT, type RolloutContext } from './rollout-context.ts';
import type { RolloutEvent } from './rollout-events.ts';
import * as guards from './rollout-guards.ts';
import * as steps from './rollout-steps.ts';

const chart = setup({
  types: { context: {} as RolloutContext, events: {} as RolloutEvent },
  guards: {
    failureBudgetSpent: guards.failureBudgetSpent,
    checkFailed: guards.checkFailed,
    checkPassed: guards.checkPassed,
    evidenceOverdue: guards.evidenceOverdue,
    checkInconclusive: guards.checkInconclusive,
    stageNeedsGate: guards.stageNeedsGate,
    stageLeadsOn: guards.stageLeadsOn,
    promotionNeedsGate: guards.promotionNeedsGate,
    stageComplete: guards.stageComplete,
    startNeedsGate: guards.startNeedsGate,
    needsPreparation: guards.needsPreparation,
    skipsAnalysis: guards.skipsAnalysis,
    deadlinePassed: guards.deadlinePassed,
    notPaused: guards.notPaused,
    isPaused: guards.isPaused,
    routesWereLive: guards.routesWereLive,
    returnComplete: guards.returnComplete,
    returnStepDue: guards.returnStepDue,
    returnsInSteps: guards.returnsInSteps,
    opensStart: (facts) => guards.opensLastGateOf('awaitingStart', facts),
    opensTraffic: (facts) => guards.opensLastGateOf('preparing', facts),
    opensPartOfTraffic: (facts) => guards.opensGateOf('preparing', facts),
    opensPartOfStage: (facts) => guards.opensGateOf('awaitingApproval', facts),
    opensStageToNext: (facts) => guards.opensLastGateOf('awaitingApproval', facts) && guards.leadsToStage(facts),
    opensStageToGate: (facts) => guards.opensLastGateOf('awaitingApproval', facts) && guards.promotionIsGated(facts),
    opensStageToPromotion: (facts) => guards.opensLastGateOf('awaitingApproval', facts),
    opensPromotion: (facts) => guards.opensLastGateOf('awaitingPromotion', facts),
  },
  actions: {
    enterState: assign(steps.enterState),
    enterRound: assign(steps.enterRound),
    adoptTarget: assign(steps.adoptTarget),
    startRun: assign(steps.startRun),
    armDeadline: assign(steps.armDeadline),
    markLive: assign(steps.markLive),
    beginStage: assign(steps.beginStage),
    recordRound: assign(steps.recordRound),
    passStage: assign((step) => steps.endStage(step, 'passed')),
    leaveStage: assign((step) => steps.endStage(step, 'left')),
    nextStage: assign(steps.nextStage),
    openGate: assign(steps.openGate),
    pause: assign(steps.pause),
    resume: assign(steps.resume),
    beginReturn: assign(steps.beginReturn),
    stepBack: assign(steps.stepBack),
    chooseHealthySide: assign(steps.chooseHealthySide),
    finishRun: assign(steps.finishRun),
    failRun: assign(steps.failRun),
    forgetCandidate: assign(steps.forgetCandidate),
  },
});

/** A new run starts behind its gate, when it has one. */
const startOfRun = [
  { guard: 'startNeedsGate', target: 'awaitingStart', actions: 'startRun', reenter: true },
  { target: 'startingCanary', actions: 'startRun', reenter: true },
] as const;

const takenBack = { target: 'rollingBack', actions: 'failRun' } as const;
const takenBackUnlessPaused = { ...takenBack, guard: 'notPaused' } as const;
const takenBackAfterDeadline = { ...takenBack, guard: 'deadlinePassed' } as const;
const restored = { target: 'restoringPrimary', actions: ['failRun', 'chooseHealthySide'] } as const;
const promotedByHand = { guard: 'notPaused', target: 'promoting', actions: 'leaveStage' } as const;

/** Understood in every state before the promotion. */
const whileRunning = {
  'target.changed': startOfRun,
  'target.reverted': takenBack,
  'operator.aborted': takenBack,
  'operator.paused': { guard: 'notPaused', actions: 'pause' },
  'operator.resumed': { guard: 'isPaused', actions: 'resume' },
  'canary.failed': takenBackUnlessPaused,
  'canary.deleted': 'terminating',
} as const;

/** Checks go on while a stage waits for a person: a pass changes nothing, a failure closes the gate again. */
const roundsWhileWaiting = [
  { guard: 'failureBudgetSpent', ...takenBack },
  { guard: 'evidenceOverdue', ...takenBack },
  { guard: 'checkFailed', target: 'analysing', actions: 'recordRound' },
  { guard: 'checkPassed', actions: 'recordRound' },
  { guard: 'checkInconclusive', actions: 'recordRound' },
] as const;

const whilePromoting = {
  'primary.failed': restored,
  'deadline.passed': { guard: 'deadlinePassed', ...restored },
  'operator.aborted': restored,
  'canary.deleted': 'terminating',
} as const;

const atRest = {
  entry: 'enterState',
  on: {
    'target.changed': startOfRun,
    'operator.retried': startOfRun,
    'target.reverted': { actions: 'forgetCandidate' },
    'canary.deleted': 'terminating',
  },
} as const;

export const rolloutMachine = chart.createMachine({
  id: 'rollout',
  version: '1',
  context: EMPTY_CONTEXT,
  initial: 'initializing',
  states: {
    initializing: {
      on: {
        'target.changed': { actions: 'adoptTarget' },
        'primary.ready': 'bootstrapping',
        'canary.deleted': 'terminating',
      },
    },
    bootstrapping: {
      entry: 'enterState',
      on: {
        'routes.live': { actions: 'markLive' },
        'routes.drained': { guard: 'routesWereLive', target: 'initialized' },
        'canary.deleted': 'terminating',
      },
    },
    initialized: atRest,
    awaitingStart: {
      entry: 'enterState',
      on: {
        ...whileRunning,
        'gate.opened': { guard: 'opensStart', target: 'startingCanary' },
        'operator.approved': { guard: 'opensStart', target: 'startingCanary', actions: 'openGate' },
        'operator.rejected': takenBack,
      },
    },
    startingCanary: {
      entry: ['enterState', 'armDeadline'],
      on: {
        ...whileRunning,
        'canary.ready': [
          { guard: 'isPaused' },
          { guard: 'skipsAnalysis', target: 'promoting' },
          { guard: 'needsPreparation', target: 'preparing' },
          { target: 'routing' },
        ],
        'deadline.passed': takenBackAfterDeadline,
      },
    },
    preparing: {
      entry: 'enterState',
      on: {
        ...whileRunning,
        'gate.opened': [
          { guard: 'opensTraffic', target: 'routing' },
          { guard: 'opensPartOfTraffic', actions: 'openGate' },
        ],
        'operator.approved': [
          { guard: 'opensTraffic', target: 'routing', actions: 'openGate' },
          { guard: 'opensPartOfTraffic', actions: 'openGate' },
        ],
        'operator.rejected': takenBack,
        'evidence.judged': [
          { guard: 'failureBudgetSpent', ...takenBack },
          { guard: 'checkFailed', actions: 'recordRound' },
        ],
        'canary.lost': 'startingCanary',
      },
    },
    routing: {
      entry: ['enterState', 'armDeadline'],
      on: {
        ...whileRunning,
        'routes.live': { guard: 'notPaused', target: 'analysing', actions: 'beginStage' },
        'deadline.passed': takenBackAfterDeadline,
        'operator.promoted': promotedByHand,
        'canary.lost': 'startingCanary',
      },
    },
    analysing: {
      entry: 'enterRound',
      on: {
        ...whileRunning,
        'evidence.judged': [
          { guard: 'failureBudgetSpent', ...takenBack },
          { guard: 'evidenceOverdue', ...takenBack },
          { guard: 'checkFailed', actions: 'recordRound' },
          { guard: 'checkInconclusive', actions: 'recordRound' },
          { guard: 'stageNeedsGate', target: 'awaitingApproval', actions: 'recordRound' },
          { guard: 'stageLeadsOn', target: 'routing', actions: ['recordRound', 'passStage', 'nextStage'] },
          { guard: 'promotionNeedsGate', target: 'awaitingPromotion', actions: 'recordRound' },
          { guard: 'stageComplete', target: 'promoting', actions: ['recordRound', 'passStage'] },
          { guard: 'checkPassed', actions: 'recordRound' },
        ],
        'operator.promoted': promotedByHand,
        'canary.lost': 'startingCanary',
      },
    },
    awaitingApproval: {
      entry: 'enterRound',
      on: {
        ...whileRunning,
        'evidence.judged': roundsWhileWaiting,
        'gate.opened': [
          { guard: 'opensStageToNext', target: 'routing', actions: ['passStage', 'nextStage'] },
          { guard: 'opensStageToGate', target: 'awaitingPromotion' },
          { guard: 'opensStageToPromotion', target: 'promoting', actions: 'passStage' },
          { guard: 'opensPartOfStage', actions: 'openGate' },
        ],
        'operator.approved': [
          { guard: 'opensStageToNext', target: 'routing', actions: ['openGate', 'passStage', 'nextStage'] },
          { guard: 'opensStageToGate', target: 'awaitingPromotion', actions: 'openGate' },
          { guard: 'opensStageToPromotion', target: 'promoting', actions: ['openGate', 'passStage'] },
          { guard: 'opensPartOfStage', actions: 'openGate' },
        ],
        'operator.rejected': takenBack,
        'operator.promoted': promotedByHand,
        'canary.lost': 'startingCanary',
      },
    },
    awaitingPromotion: {
      entry: 'enterRound',
      on: {
        ...whileRunning,
        'evidence.judged': roundsWhileWaiting,
        'gate.opened': { guard: 'opensPromotion', target: 'promoting', actions: 'passStage' },
        'operator.approved': { guard: 'opensPromotion', target: 'promoting', actions: ['openGate', 'passStage'] },
        'operator.rejected': takenBack,
        'operator.promoted': promotedByHand,
        'canary.lost': 'startingCanary',
      },
    },
    promoting: {
      entry: ['enterState', 'armDeadline'],
      on: {
        ...whilePromoting,
        // Only sent while the primary cannot become what was analysed any more.
        'target.changed': startOfRun,
        'primary.ready': [{ guard: 'returnsInSteps', target: 'shiftingBack' }, { target: 'finalising' }],
      },
    },
    shiftingBack: {
      entry: ['enterState', 'beginReturn'],
      on: {
        ...whilePromoting,
        'clock.ticked': [
          { guard: 'returnComplete', target: 'finalising' },
          { guard: 'returnStepDue', actions: 'stepBack' },
        ],
      },
    },
    finalising: {
      entry: 'enterState',
      on: {
        ...whilePromoting,
        'routes.live': { actions: 'markLive' },
        'routes.drained': { guard: 'routesWereLive', target: 'succeeded', actions: 'finishRun' },
      },
    },
    succeeded: atRest,
    restoringPrimary: {
      entry: 'enterState',
      on: { 'primary.ready': 'rollingBack', 'canary.deleted': 'terminating' },
    },
    rollingBack: {
      entry: 'enterState',
      on: {
        'routes.live': { actions: 'markLive' },
        'routes.drained': { guard: 'routesWereLive', target: 'rolledBack' },
        'canary.deleted': 'terminating',
      },
    },
    rolledBack: atRest,
    terminating: { entry: 'enterState' },
  },
});

export type RolloutSnapshot = SnapshotFrom<typeof rolloutMachine>;
