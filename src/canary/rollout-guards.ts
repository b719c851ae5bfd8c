/** The facts on which the chart branches. Total functions of context and event, each tested at its boundary. */

import { roundVerdict } from './evidence.ts';
import { hasNextStage, pendingGates, type RolloutContext, stageOf } from './rollout-context.ts';
import type { RolloutEvent } from './rollout-events.ts';
import type { RolloutState } from './rollout-record.ts';

type Facts = { context: RolloutContext; event: RolloutEvent };

/** The threshold-th failed check decides in its own turn, so the failure at hand counts already. */
export function failureBudgetSpent({ context, event }: Facts): boolean {
  return verdictIs('fail', { context, event }) && context.failures + 1 >= (context.plan?.threshold ?? 1);
}

export function checkFailed(facts: Facts): boolean {
  return verdictIs('fail', facts);
}

export function checkInconclusive(facts: Facts): boolean {
  return verdictIs('inconclusive', facts);
}

/** Nothing was learnt for the whole progress deadline. */
export function evidenceOverdue(facts: Facts): boolean {
  return verdictIs('inconclusive', facts) && deadlinePassed(facts);
}

export function checkPassed(facts: Facts): boolean {
  return verdictIs('pass', facts);
}

/** A passing check at or past the stage's duration and number of iterations. */
export function stageComplete({ context, event }: Facts): boolean {
  const stage = stageOf(context);
  if (stage === undefined || context.liveSince === null || !verdictIs('pass', { context, event })) return false;
  return context.passes + 1 >= stage.iterations && event.at - context.liveSince >= stage.durationMs;
}

export function stageNeedsGate(facts: Facts): boolean {
  return stageComplete(facts) && pendingGates('awaitingApproval', facts.context).length > 0;
}

export function stageLeadsOn(facts: Facts): boolean {
  return stageComplete(facts) && hasNextStage(facts.context);
}

export function promotionNeedsGate(facts: Facts): boolean {
  return stageComplete(facts) && pendingGates('awaitingPromotion', facts.context).length > 0;
}

export function startNeedsGate({ event }: Facts): boolean {
  const isRun = event.type === 'target.changed' || event.type === 'operator.retried';
  return isRun && event.plan.webhookGates.some(({ type }) => type === 'confirm-rollout');
}

export function needsPreparation({ context }: Facts): boolean {
  return context.plan?.strategy !== 'skip' && pendingGates('preparing', context).length > 0;
}

export function skipsAnalysis({ context }: Facts): boolean {
  return context.plan?.strategy === 'skip';
}

export function deadlinePassed({ context, event }: Facts): boolean {
  return context.paused === null && context.deadlineAt !== null && context.deadlineAt <= event.at;
}

export function notPaused({ context }: Facts): boolean {
  return context.paused === null;
}

export function isPaused({ context }: Facts): boolean {
  return context.paused !== null;
}

export function routesWereLive({ context }: Facts): boolean {
  return context.liveSince !== null;
}

export function returnStepDue({ context, event }: Facts): boolean {
  return context.paused === null && context.judgeAt !== null && context.judgeAt <= event.at;
}

export function returnComplete({ context, event }: Facts): boolean {
  return returnStepDue({ context, event }) && context.returnWeight <= (context.plan?.returnStep ?? 0);
}

export function returnsInSteps({ context }: Facts): boolean {
  return (context.plan?.returnStep ?? 0) > 0 && (stageOf(context)?.weight ?? 0) > 0;
}

/** The event opens a gate that is asked now: an early or repeated answer counts for nothing. */
export function opensGateOf(state: RolloutState, { context, event }: Facts): boolean {
  return (
    gateOpened(event) !== undefined &&
    context.paused === null &&
    pendingGates(state, context).includes(gateOpened(event) ?? '')
  );
}

export function opensLastGateOf(state: RolloutState, facts: Facts): boolean {
  return opensGateOf(state, facts) && pendingGates(state, facts.context).length === 1;
}

export function gateOpened(event: RolloutEvent): string | undefined {
  return event.type === 'operator.approved' || event.type === 'gate.opened' ? event.gate : undefined;
}

function verdictIs(kind: 'pass' | 'fail' | 'inconclusive', { context, event }: Facts): boolean {
  if (event.type !== 'evidence.judged' || context.paused !== null) return false;
  return roundVerdict(event.checks, context.plan?.onNoData ?? 'hold') === kind;
}

/** After the gate at hand another stage follows. */
export function leadsToStage({ context }: Facts): boolean {
  return hasNextStage(context);
}

export function promotionIsGated({ context }: Facts): boolean {
  return pendingGates('awaitingPromotion', context).length > 0;
}
