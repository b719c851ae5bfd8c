/** Every wait says why: what a rollout cannot go on without, in its present state. */

import type { EpochMs } from '../lib/clock.ts';
import { explainCheck } from '../metrics/explain-check.ts';
import { decidingCheck } from './evidence.ts';
import { areRoutesLive } from './next-event.ts';
import type { Observed } from './observed.ts';
import type { RolloutSnapshot } from './rollout.machine.ts';
import { pendingGates, stageOf } from './rollout-context.ts';
import type { WaitingFor } from './rollout-record.ts';
import { instant } from './rollout-steps.ts';

/** @returns `undefined` at rest */
export function waitingFor(snapshot: RolloutSnapshot, observed: Observed): WaitingFor | undefined {
  const { context, value } = snapshot;
  if (observed.suspended) return { kind: 'suspend', text: 'Suspended: spec.suspend is true' };
  if (context.paused !== null) {
    return { kind: 'pause', text: `Paused by ${context.paused.by}${suffix(context.paused.reason)}` };
  }
  const [gate] = pendingGates(value, context);
  if (gate !== undefined) return gateWait(snapshot, gate);
  return stateWait(snapshot, observed);
}

function stateWait(snapshot: RolloutSnapshot, observed: Observed): WaitingFor | undefined {
  const { value, context } = snapshot;
  const { target, primary } = observed;
  switch (value) {
    case 'initializing':
      return {
        kind: 'primary',
        text: `Waiting for the primary to become ready: ${primary?.reason ?? (target === undefined ? 'the target does not exist' : 'it is being created')}`,
      };
    case 'startingCanary':
      return timed(
        'pods',
        `Waiting for the canary pods: ${target?.reason ?? 'the target does not exist'}`,
        context.deadlineAt,
      );
    case 'routing':
      return timed('acknowledgement', 'Waiting for the data plane to serve the new weight', context.deadlineAt);
    case 'analysing':
      return evidenceWait(snapshot);
    case 'promoting':
      return timed(
        'primary',
        `Waiting for the primary to take over: ${primary?.reason ?? 'it is missing'}`,
        context.deadlineAt,
      );
    case 'shiftingBack':
      return timed(
        'interval',
        `${context.returnWeight} % of the traffic still returns to the primary`,
        context.judgeAt,
      );
    case 'restoringPrimary':
      return {
        kind: 'primary',
        text: `Waiting for the primary to be what it was: ${primary?.reason ?? 'it is missing'}`,
      };
    case 'bootstrapping':
    case 'finalising':
    case 'rollingBack':
      return {
        kind: 'acknowledgement',
        text: areRoutesLive(snapshot, observed)
          ? 'Waiting for requests under way to end'
          : 'Waiting for the data plane to send all traffic to the primary',
      };
    case 'terminating':
      return { kind: 'pods', text: 'Handing the traffic back to the target before the generated objects go' };
    default:
      return undefined;
  }
}

function gateWait({ value, context }: RolloutSnapshot, gate: string): WaitingFor {
  const stage = stageOf(context);
  const isWebhook = !(value === 'awaitingApproval' && gate === stage?.name);
  const text = isWebhook ? `Waiting for the webhook of gate ${gate}` : `Waiting for a person to approve stage ${gate}`;
  return { kind: isWebhook ? 'webhook' : 'gate', text, gate };
}

function evidenceWait({ context }: RolloutSnapshot): WaitingFor {
  const stage = stageOf(context);
  const check = decidingCheck(context.checks);
  if (check === undefined) {
    return timed('interval', `Stage ${stage?.name ?? ''} is being watched`, context.judgeAt);
  }
  const waiting = timed('metric', explainCheck(check), context.judgeAt);
  const value = check.verdict.kind === 'inconclusive' ? {} : { value: check.verdict.value };
  return { ...waiting, metric: check.metric, bound: check.bounds, ...value };
}

function timed(kind: WaitingFor['kind'], text: string, until: EpochMs | null): WaitingFor {
  return until === null ? { kind, text } : { kind, text, until: instant(until) };
}

function suffix(reason: string): string {
  return reason === '' ? '' : `: ${reason}`;
}
