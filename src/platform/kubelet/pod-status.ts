/** The status of a pod, derived from what is known of its container. Pure; the times of unchanged conditions are kept. */

import { type EpochMs, toRfc3339 } from '../../lib/clock.ts';
import type { Container, ContainerState, Pod, PodCondition, PodStatus, TerminatedState } from './pod.ts';
import { NODE_ADDRESS } from './pod-environment.ts';
import type { EarlierVerdicts } from './probe-loop.ts';

export type ContainerView = {
  state: ContainerState;
  lastState?: TerminatedState;
  restartCount: number;
  /** The startup probe has succeeded, or there is none. */
  started: boolean;
  /** The readiness probe says so, or there is none and the container has started. */
  ready: boolean;
  processId?: number;
  /** Why it is not ready, when it runs. */
  notReadyMessage?: string;
};

export type PodView = {
  /** Absent as long as the pod was refused. */
  podIP?: string;
  startTime: string;
  container: ContainerView;
};

/** The whole status to be written with a merge patch; fields that went away are `null`. */
export function podStatus(pod: Pod, { podIP, startTime, container }: PodView, now: EpochMs): PodStatus {
  const phase = phaseOf(pod, container.state);
  const ready = container.ready && 'running' in container.state;
  const problem = ready ? undefined : problemOf(pod, container, phase);
  const condition = (type: string, holds: boolean, why?: { reason: string; message: string }): PodCondition =>
    sinceWhen(pod, { type, status: holds ? 'True' : 'False', ...(holds ? {} : why) }, now);
  return {
    phase,
    conditions: [
      condition('Initialized', true),
      condition('Ready', ready, problem),
      condition('ContainersReady', ready, problem),
      condition('PodScheduled', true),
    ],
    hostIP: NODE_ADDRESS,
    hostIPs: [{ ip: NODE_ADDRESS }],
    ...(podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    startTime,
    containerStatuses: pod.spec.containers.slice(0, 1).map((spec) => containerStatus(spec, container, ready)),
  };
}

function containerStatus(
  { name, image = '' }: Container,
  { state, lastState, restartCount, started, processId }: ContainerView,
  ready: boolean,
): Record<string, unknown> {
  return {
    name,
    image,
    imageID: '',
    ...(processId === undefined ? {} : { containerID: processIdOf(processId) }),
    restartCount,
    ready,
    started: started && 'running' in state,
    state,
    lastState: lastState === undefined ? {} : { terminated: lastState },
  };
}

/** Kubernetes' rule for the phase of a pod (pod lifecycle, "Pod phase"), for one container. */
function phaseOf({ spec: { restartPolicy = 'Always' } }: Pod, state: ContainerState): string {
  if ('running' in state) return 'Running';
  if ('waiting' in state) return state.waiting.reason === 'CrashLoopBackOff' ? 'Running' : 'Pending';
  const { exitCode } = state.terminated;
  if (restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0)) return 'Running';
  return exitCode === 0 ? 'Succeeded' : 'Failed';
}

function problemOf(
  { spec }: Pod,
  { notReadyMessage }: ContainerView,
  phase: string,
): { reason: string; message: string } {
  if (phase === 'Succeeded') return { reason: 'PodCompleted', message: '' };
  if (phase === 'Failed') return { reason: 'PodFailed', message: '' };
  const names = spec.containers.map(({ name }) => name).join(' ');
  const why = notReadyMessage === undefined ? '' : `: ${notReadyMessage}`;
  return { reason: 'ContainersNotReady', message: `containers with unready status: [${names}]${why}` };
}

/** What a Pod says of the very process that is adopted; of another one it says nothing. */
export function earlierVerdicts({ status }: Pod, pid: number | undefined): EarlierVerdicts {
  const [seen] = (status?.containerStatuses ?? []) as ({ [field: string]: unknown } | undefined)[];
  const isSame = pid !== undefined && seen?.containerID === processIdOf(pid);
  return { started: isSame && seen.started === true, ready: isSame && seen.ready === true };
}

/** How a Pod names the process of its container. */
function processIdOf(pid: number): string {
  return `process://${pid}`;
}

function sinceWhen({ status }: Pod, condition: PodCondition, now: EpochMs): PodCondition {
  const before = status?.conditions?.find(({ type }) => type === condition.type);
  const kept = before?.status === condition.status ? before.lastTransitionTime : undefined;
  return { ...condition, lastTransitionTime: kept ?? toRfc3339(now) };
}
