/** What the end of a container means: its terminated state, and when it may start again. Pure. */

import { type EpochMs, toRfc3339 } from '../../lib/clock.ts';
import type { Pod, TerminatedState } from './pod.ts';
import type { ProcessEnd } from './pod-process.ts';

export type RestartBackoff = {
  /** Wait before the second restart in a row, doubling with each, in milliseconds. */
  baseMs: number;
  maxMs: number;
  /** A container that ran this long has recovered, in milliseconds. */
  stableMs: number;
};

/** The kubelet's own numbers (Kubernetes: pod lifecycle, "Container restart policy"). */
export const RESTART_BACKOFF: RestartBackoff = { baseMs: 10_000, maxMs: 300_000, stableMs: 600_000 };

const SIGNALS: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

export function terminatedState(end: ProcessEnd, startedAt: string, now: EpochMs): TerminatedState {
  const finishedAt = toRfc3339(now);
  switch (end.how) {
    case 'exited': {
      const signal = end.signal === undefined ? {} : { signal: SIGNALS[end.signal] ?? 0 };
      return {
        exitCode: end.exitCode,
        ...signal,
        reason: end.exitCode === 0 ? 'Completed' : 'Error',
        startedAt,
        finishedAt,
      };
    }
    case 'notStarted':
      return { exitCode: 128, reason: 'StartError', message: end.message, startedAt, finishedAt };
    case 'unknown':
      // The exit code that Kubernetes itself uses when it cannot know better.
      return {
        exitCode: 137,
        reason: 'ContainerStatusUnknown',
        message: 'The process was started by an earlier run of the platform: how it ended is unknown',
        startedAt,
        finishedAt,
      };
    default:
      return end satisfies never;
  }
}

/** Whether the container is to be started again after this end. */
export function restarts({ spec: { restartPolicy = 'Always' } }: Pod, { exitCode }: TerminatedState): boolean {
  return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
}

/** The first restart comes at once, each further one in a row after twice the wait. */
export function restartWaitMs(crashes: number, { baseMs, maxMs }: RestartBackoff): number {
  return crashes <= 1 ? 0 : Math.min(maxMs, baseMs * 2 ** Math.min(crashes - 2, 30));
}
