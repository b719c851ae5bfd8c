/** Laws that hold in every state that the chart can reach, for a plan without gates and for one with every gate there is. */

import { describe, expect, test } from 'vitest';
import { getAdjacencyMap } from 'xstate/graph';
import { plan as actionsOf } from '../../src/canary/action-plan.ts';
import { advance, newRollout } from '../../src/canary/advance.ts';
import { desiredOf } from '../../src/canary/desired.ts';
import { phaseOf } from '../../src/canary/flagger-status.ts';
import { isResting, isRunning } from '../../src/canary/next-event.ts';
import type { Observed } from '../../src/canary/observed.ts';
import { parseRecord, persist, restore } from '../../src/canary/persisted-rollout.ts';
import { type RolloutSnapshot, rolloutMachine } from '../../src/canary/rollout.machine.ts';
import type { RolloutEvent } from '../../src/canary/rollout-events.ts';
import type { RolloutPlan } from '../../src/canary/rollout-plan.ts';
import { ROLLOUT_STATES } from '../../src/canary/rollout-record.ts';
import { aPlan, aStage, everyEvent, GATED_PLAN, START } from './rollouts.ts';

type Edge = { from: RolloutSnapshot; event: RolloutEvent; to: RolloutSnapshot };

/** What tells two states apart: not instants, and counters only as far as they decide. */
function identity({ value, context }: RolloutSnapshot): string {
  const { stageIndex, failures, passes, openedGates, paused, outcome, candidate, promoted, liveSince, returnWeight } =
    context;
  const revisions = [candidate?.revision, promoted?.revision];
  return JSON.stringify([
    ...[value, stageIndex, failures, Math.min(passes, 1), openedGates, paused !== null, outcome === 'reverted'],
    ...[revisions, liveSince !== null, returnWeight, context.plan === null],
  ]);
}

function explore(plan: RolloutPlan): { states: RolloutSnapshot[]; edges: Edge[] } {
  const map = getAdjacencyMap(rolloutMachine, {
    fromState: newRollout(START),
    events: (state) => everyEvent(state as RolloutSnapshot, plan),
    serializeState: (state) => identity(state as RolloutSnapshot),
    limit: 100_000,
  });
  const states = Object.values(map).map(({ state }) => state as RolloutSnapshot);
  const edges = Object.values(map).flatMap(({ state, transitions }) => {
    const leaving = Object.values(transitions) as { event: RolloutEvent; state: RolloutSnapshot }[];
    return leaving.map(({ event, state: to }): Edge => ({ from: state as RolloutSnapshot, event, to }));
  });
  return { states, edges };
}

const plans: Record<string, RolloutPlan> = {
  'without gates': aPlan(),
  'with every gate': GATED_PLAN,
  'without analysis': aPlan({ strategy: 'skip', stages: [] }),
  'ending with an approval': aPlan({ stages: [aStage({ approval: true })], webhookGates: [] }),
};

describe.each(Object.entries(plans))('a rollout %s', (_name, plan) => {
  const { states, edges } = explore(plan);
  const planMax = Math.max(0, ...plan.stages.map(({ weight }) => weight));

  test('I-04: the canary never gets more than the plan allows before the promotion began', () => {
    for (const state of states) {
      const weight = desiredOf(state).routes?.weight ?? 0;
      const isAfterPromotion = state.value === 'restoringPrimary';
      expect(weight).toBeLessThanOrEqual(isAfterPromotion ? 100 : planMax);
      expect(weight).toBeGreaterThanOrEqual(0);
    }
  });

  test('I-05: the weight of a stage rises only after a passing check or a decision of a person', () => {
    for (const { from, event, to } of edges) {
      if (to.context.stageIndex <= from.context.stageIndex || to.context.candidate !== from.context.candidate) continue;
      const isPass = event.type === 'evidence.judged' && event.checks.every(({ verdict }) => verdict.kind === 'pass');
      expect(isPass || event.type === 'operator.approved' || event.type === 'gate.opened').toBe(true);
    }
  });

  test('I-06, I-10: the threshold-th failed check takes the candidate back in its own turn', () => {
    for (const { event, to, from } of edges) {
      if (event.type !== 'evidence.judged') continue;
      if (to.context.failures >= plan.threshold && from !== to) {
        expect(['rollingBack', 'rolledBack', 'restoringPrimary', 'terminating']).toContain(to.value);
      }
    }
  });

  test('I-07: failures only grow within a run, by one for each round', () => {
    for (const { from, event, to } of edges) {
      if (to.context.candidate !== from.context.candidate || event.type === 'operator.retried') continue;
      if (event.type === 'target.changed') continue;
      const grown = to.context.failures - from.context.failures;
      expect([0, 1]).toContain(grown);
      if (grown === 1) expect(event.type).toBe('evidence.judged');
    }
  });

  test('I-08: no data neither promotes nor fails', () => {
    for (const { from, event, to } of edges) {
      if (event.type !== 'evidence.judged' || event.checks[0]?.verdict.kind !== 'inconclusive') continue;
      expect(to.context.failures).toBe(from.context.failures);
      expect(to.context.passes).toBe(from.context.passes);
      if (to.value !== from.value) expect(to.value).toBe('rollingBack');
    }
  });

  test('I-11: wherever the canary may have traffic, its pods are wanted', () => {
    for (const state of states) {
      const { routes, target } = desiredOf(state);
      if ((routes?.weight ?? 0) > 0 || (routes?.match.length ?? 0) > 0) expect(target).toBe('asPrimary');
    }
  });

  test('I-12: what becomes promoted is the candidate that passed', () => {
    for (const { from, to } of edges) {
      if (from.context.promoted === to.context.promoted || from.value === 'initializing') continue;
      expect(from.value).toBe('finalising');
      expect(to.context.promoted).toBe(from.context.candidate);
    }
  });

  test('I-14, I-15: no way to the promotion avoids a gate, but a person who promotes', () => {
    const start = states.find(({ value }) => value === 'initialized');
    for (const { from, event, to } of edges) {
      if (to.value !== 'promoting' || from.value === 'promoting') continue;
      const byHand = event.type === 'operator.promoted';
      const gated = plan.webhookGates.some(({ type }) => type === 'confirm-promotion');
      if (gated && !byHand && plan.strategy !== 'skip') expect(from.value).toBe('awaitingPromotion');
      if (from.value === 'analysing' && !byHand) expect(plan.stages[from.context.stageIndex]?.approval).toBe(false);
    }
    expect(start).toBeDefined();
  });

  test('I-16: an abort is heard wherever a candidate is under way, and leaves traffic on a side that serves', () => {
    for (const { from, event, to } of edges) {
      if (event.type !== 'operator.aborted') continue;
      const underWay = isRunning(from.value) || ['promoting', 'shiftingBack', 'finalising'].includes(from.value);
      if (!underWay) {
        expect(to.value).toBe(from.value);
        continue;
      }
      const weight = desiredOf(to).routes?.weight;
      if (isRunning(from.value)) expect([to.value, weight]).toEqual(['rollingBack', 0]);
      else expect([to.value, weight]).toEqual(['restoringPrimary', event.primaryServes ? 0 : 100]);
    }
  });

  test('I-17: from every state the end is reachable', () => {
    const reaches = new Set(states.filter(({ value }) => isResting(value) || value === 'terminating').map(identity));
    for (let grows = true; grows; ) {
      const before = reaches.size;
      for (const { from, to } of edges) if (reaches.has(identity(to))) reaches.add(identity(from));
      grows = reaches.size > before;
    }
    expect(states.filter((state) => !reaches.has(identity(state))).map(({ value }) => value)).toEqual([]);
  });

  test('a paused rollout moves only by a person, a new revision or a deletion', () => {
    const allowed = [
      'operator.resumed',
      'operator.aborted',
      'operator.rejected',
      'target.changed',
      'target.reverted',
      'canary.deleted',
    ];
    for (const { from, event, to } of edges) {
      if (from.context.paused === null || from.value === to.value || event.type === 'canary.lost') continue;
      expect(allowed).toContain(event.type);
    }
  });

  test('at rest the canary has neither traffic nor pods', () => {
    for (const state of states.filter(({ value }) => isResting(value))) {
      expect(desiredOf(state)).toMatchObject({ routes: { weight: 0, match: [], mirrorPercent: 0 }, target: 'zero' });
    }
  });

  test('a record restores every state, and passes its own schema', () => {
    for (const state of states) {
      const record = parseRecord(JSON.parse(JSON.stringify(persist(state))));
      expect(record.ok).toBe(true);
      if (!record.ok) continue;
      expect(restore(record.value).value).toBe(state.value);
      expect(restore(record.value).context).toEqual(state.context);
    }
  });

  test('what was done is not done again', () => {
    for (const state of states) expect(actionsOf(desiredOf(state), applied(state))).toEqual([]);
  });

  test('every phase is one of Flagger’s', () => {
    for (const state of states) expect(phaseOf(state)).toMatch(/^[A-Z][A-Za-z]+$/);
  });
});

/** The world once everything that the state wants is true. */
function applied(state: RolloutSnapshot): Observed {
  const { routes, target, primary } = desiredOf(state);
  const replicas = target === 'zero' ? 0 : 2;
  const pods = { ready: true, reason: '' };
  return {
    at: START,
    drainMs: 0,
    deleting: false,
    suspended: false,
    plan: aPlan(),
    candidateReproducible: true,
    target: {
      ...pods,
      replicas,
      readyReplicas: replicas,
      candidate: { revision: 'r2', generation: 1, template: {}, configs: {} },
    },
    primary: { ...pods, replicas: 2, readyReplicas: 2, revision: primary?.revision ?? '' },
    ...(routes !== undefined && {
      routes: { weight: routes.weight, mirrorPercent: routes.mirrorPercent, stage: routes.stage },
    }),
  };
}

test('the four plans together reach every state of the chart', () => {
  const reached = new Set(Object.values(plans).flatMap((plan) => explore(plan).states.map(({ value }) => value)));
  expect([...reached].sort()).toEqual([...ROLLOUT_STATES].sort());
});

test('an event that means nothing gives back the same snapshot', () => {
  const start = newRollout(START);
  expect(advance(start, { type: 'canary.ready', at: START })).toBe(start);
});
