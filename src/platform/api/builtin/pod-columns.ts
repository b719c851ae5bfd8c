/** Ready, status and restarts of a Pod, worked out from its containers as the real server's printer does. */

import type { KubeObject } from '../../../lib/resource.ts';
import { humanDuration } from './duration-text.ts';
import { at, type Fields, listAt, numberAt, textAt } from './field-access.ts';

export function podReady(pod: KubeObject): string {
  const ready = listAt(pod, 'status', 'containerStatuses').filter((status) => status.ready === true);
  return `${ready.length}/${listAt(pod, 'spec', 'containers').length}`;
}

/** The first container that is in trouble names the status; else the phase. */
export function podStatus(pod: KubeObject): string {
  const reason = textAt(pod, 'status', 'reason');
  const initial = reason ?? textAt(pod, 'status', 'phase') ?? '';
  const gated = listAt(pod, 'spec', 'schedulingGates').length > 0 ? 'SchedulingGated' : undefined;
  const troubles = listAt(pod, 'status', 'containerStatuses').map(troubleOf);
  let text = troubles.find((trouble) => trouble !== undefined) ?? gated ?? initial;
  const running = listAt(pod, 'status', 'containerStatuses').some(
    (status) => status.ready === true && at(status, 'state', 'running') !== undefined,
  );
  if (text === 'Completed' && running) text = conditionReady(pod) ? 'Running' : 'NotReady';
  if (pod.metadata.deletionTimestamp === undefined) return text;
  const finished = ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');
  return reason === 'NodeLost' ? 'Unknown' : finished ? text : 'Terminating';
}

export function podRestarts(pod: KubeObject, now: number): string {
  const statuses = listAt(pod, 'status', 'containerStatuses');
  const restarts = statuses.reduce((sum, status) => sum + (numberAt(status, 'restartCount') ?? 0), 0);
  const ends = statuses.map((status) => Date.parse(textAt(status, 'lastState', 'terminated', 'finishedAt') ?? ''));
  const last = Math.max(...ends.filter((end) => !Number.isNaN(end)));
  return restarts > 0 && Number.isFinite(last) ? `${restarts} (${humanDuration(now - last)} ago)` : String(restarts);
}

function troubleOf(status: Fields): string | undefined {
  const waiting = textAt(status, 'state', 'waiting', 'reason');
  if (waiting) return waiting;
  const ended = at(status, 'state', 'terminated');
  if (ended === undefined) return undefined;
  const signal = numberAt(ended, 'signal') ?? 0;
  return (
    textAt(ended, 'reason') || (signal !== 0 ? `Signal:${signal}` : `ExitCode:${numberAt(ended, 'exitCode') ?? 0}`)
  );
}

function conditionReady(pod: KubeObject): boolean {
  return listAt(pod, 'status', 'conditions').some(({ type, status }) => type === 'Ready' && status === 'True');
}
