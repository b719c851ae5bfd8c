/** What a RolloutAction means for a rollout: an event, or the reason why it means nothing. */

import { isRunning } from './next-event.ts';
import type { Observed } from './observed.ts';
import type { RolloutSnapshot } from './rollout.machine.ts';
import type { RolloutActionSpec } from './rollout-action.schema.ts';
import { pendingGates } from './rollout-context.ts';
import type { RolloutEvent } from './rollout-events.ts';

export type OperatorDecision = { kind: 'event'; event: RolloutEvent } | { kind: 'ignored'; message: string };

type Asked = {
  action: RolloutActionSpec;
  canaryUid: string | undefined;
  snapshot: RolloutSnapshot;
  observed: Observed;
};

/** A decision counts for the one revision, and the one Canary, that it was taken about. */
export function operatorDecision(asked: Asked): OperatorDecision {
  const { action, canaryUid, snapshot } = asked;
  if (action.canaryUid !== undefined && action.canaryUid !== canaryUid) {
    return ignored('The Canary was deleted and created again since the decision');
  }
  const revision = snapshot.context.candidate?.revision;
  if (action.revision !== revision) {
    return ignored(
      `The decision is about revision ${action.revision}; the present one is ${revision ?? 'not known yet'}`,
    );
  }
  return decide(asked);
}

function decide({ action, snapshot, observed }: Asked): OperatorDecision {
  const { value, context } = snapshot;
  const signed = { at: observed.at, by: action.by, reason: action.reason ?? '' };
  const primaryServes = (observed.primary?.readyReplicas ?? 0) > 0;
  switch (action.action) {
    case 'Approve':
      return approval({ action, snapshot, observed });
    case 'Reject':
      return pendingGates(value, context).length > 0
        ? heard({ type: 'operator.rejected', ...signed })
        : ignored('No gate is waited for now; use abort to take a rollout back');
    case 'Pause':
      if (!isRunning(value)) return ignored(`Nothing to pause: the rollout is ${value}`);
      return context.paused === null
        ? heard({ type: 'operator.paused', ...signed })
        : ignored('The rollout is paused already');
    case 'Resume':
      return context.paused === null
        ? ignored('The rollout is not paused')
        : heard({ type: 'operator.resumed', ...signed });
    case 'Promote':
      if (context.paused !== null) return ignored('The rollout is paused; resume it first');
      return heard({ type: 'operator.promoted', ...signed });
    case 'Abort':
      return heard({ type: 'operator.aborted', ...signed, primaryServes });
    case 'Retry':
      return retry(snapshot, observed, signed);
    default:
      return action.action satisfies never;
  }
}

/** The text for an event that the chart refused in its present state. */
export function refusal({ action }: RolloutActionSpec, { value }: RolloutSnapshot): string {
  return `${action} means nothing while the rollout is ${value}`;
}

function approval({ action, snapshot, observed }: Omit<Asked, 'canaryUid'>): OperatorDecision {
  const { value, context } = snapshot;
  const pending = pendingGates(value, context);
  if (context.paused !== null) return ignored('The rollout is paused; resume it first');
  const gate = action.gate ?? pending[0];
  if (gate === undefined) return ignored('No gate is waited for now; approvals given early do not count');
  if (!pending.includes(gate)) {
    const now = pending.length === 0 ? 'no gate is' : `${pending.join(' and ')} is`;
    return ignored(`Gate ${gate} is not waited for: ${now} waited for now, and approvals given early do not count`);
  }
  const { by, reason = '' } = action;
  return heard({ type: 'operator.approved', at: observed.at, gate, by, reason });
}

function retry(
  snapshot: RolloutSnapshot,
  observed: Observed,
  signed: { at: number; by: string; reason: string },
): OperatorDecision {
  const { value, context } = snapshot;
  if (value !== 'rolledBack') return ignored(`Nothing to retry: the rollout is ${value}`);
  const candidate = observed.target?.candidate;
  if (candidate === undefined) return ignored('Nothing to retry: the target does not exist');
  if (candidate.revision === context.promoted?.revision) return ignored('The target declares the promoted revision');
  return heard({ type: 'operator.retried', ...signed, candidate, plan: observed.plan });
}

function heard(event: RolloutEvent): OperatorDecision {
  return { kind: 'event', event };
}

function ignored(message: string): OperatorDecision {
  return { kind: 'ignored', message };
}
