/** A rollout in the words of Flagger's status: phase, weight, counters, and the one condition `Promoted`. */

import type { CanaryCondition, CanaryPhase, CanaryStatus } from './canary.schema.ts';
import { desiredOf } from './desired.ts';
import type { RolloutSnapshot } from './rollout.machine.ts';
import type { WaitingFor } from './rollout-record.ts';

type StatusInput = {
  snapshot: RolloutSnapshot;
  previous: CanaryStatus | undefined;
  waitingFor: WaitingFor | undefined;
  /** RFC 3339. */
  now: string;
  observedGeneration: number | undefined;
};

/** Everything of the status but `rollout`. Instants change only when what they date changes. */
export function flaggerStatus({ snapshot, previous, waitingFor, now, observedGeneration }: StatusInput): CanaryStatus {
  const { context } = snapshot;
  const phase = phaseOf(snapshot);
  const isMatching = context.plan?.strategy === 'ab-testing' || context.plan?.strategy === 'blue-green';
  return {
    phase,
    canaryWeight: desiredOf(snapshot).routes?.weight ?? 0,
    failedChecks: context.failures,
    iterations: isMatching ? context.passes : 0,
    ...(observedGeneration !== undefined && { observedGeneration }),
    lastAppliedSpec: context.candidate?.revision ?? '',
    lastPromotedSpec: context.promoted?.revision ?? '',
    trackedConfigs: context.candidate?.configs ?? {},
    lastTransitionTime: phase === previous?.phase ? (previous.lastTransitionTime ?? now) : now,
    conditions: [promotedCondition({ snapshot, phase, previous, waitingFor, now, observedGeneration })],
  };
}

export function phaseOf({ value, context }: RolloutSnapshot): CanaryPhase {
  switch (value) {
    case 'initializing':
    case 'bootstrapping':
      return 'Initializing';
    case 'initialized':
      return 'Initialized';
    case 'awaitingStart':
      return 'Waiting';
    case 'startingCanary':
    case 'preparing':
    case 'routing':
    case 'analysing':
    case 'awaitingApproval':
      return 'Progressing';
    case 'awaitingPromotion':
      return 'WaitingPromotion';
    case 'promoting':
    case 'shiftingBack':
      return 'Promoting';
    case 'finalising':
      return 'Finalising';
    case 'succeeded':
      return 'Succeeded';
    case 'restoringPrimary':
    case 'rollingBack':
    case 'rolledBack':
      // After a revert the target declares what the primary serves: nothing has failed.
      return context.outcome === 'reverted' ? 'Succeeded' : 'Failed';
    case 'terminating':
      return 'Terminating';
    default:
      return value satisfies never;
  }
}

const CONDITION_STATUS: Partial<Record<CanaryPhase, CanaryCondition['status']>> = {
  Initialized: 'True',
  Succeeded: 'True',
  Failed: 'False',
};

function promotedCondition(input: StatusInput & { phase: CanaryPhase }): CanaryCondition {
  const { snapshot, phase, previous, waitingFor, now, observedGeneration } = input;
  const status = CONDITION_STATUS[phase] ?? 'Unknown';
  const known = previous?.conditions?.find(({ type }) => type === 'Promoted');
  const message = conditionMessage(snapshot, phase, waitingFor);
  const isSame = known?.status === status && known.reason === phase && known.message === message;
  return {
    type: 'Promoted',
    status,
    reason: phase,
    message,
    lastUpdateTime: isSame ? (known.lastUpdateTime ?? now) : now,
    lastTransitionTime: known?.status === status ? (known.lastTransitionTime ?? now) : now,
    ...(observedGeneration !== undefined && { observedGeneration }),
  };
}

function conditionMessage({ context }: RolloutSnapshot, phase: CanaryPhase, waiting: WaitingFor | undefined): string {
  if (phase === 'Initialized') return 'The primary serves; the next revision will be analysed';
  if (phase === 'Succeeded' || phase === 'Failed') return context.reason;
  return waiting?.text ?? context.reason;
}
