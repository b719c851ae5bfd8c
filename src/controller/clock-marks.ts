/** Notices jumps of the wall clock: how far it moved between two turns, against the monotonic clock. */

import type { Clock, EpochMs } from '../lib/clock.ts';

/** Both clocks at the moment at which a Canary's record was last known to be right, by Canary. */
export type ClockMarks = Map<string, { wall: EpochMs; monotonicMs: number }>;

/** Slewing and rounding are no jumps. */
const JUMP_MS_MIN = 500;

/** @returns milliseconds by which the wall clock was put forward since the mark; 0 without a mark */
export function jumpSince(marks: ClockMarks, key: string, clock: Clock): number {
  const mark = marks.get(key);
  if (mark === undefined) return 0;
  const jumpMs = Math.round(clock.now() - mark.wall - (clock.monotonicMs() - mark.monotonicMs));
  return Math.abs(jumpMs) < JUMP_MS_MIN ? 0 : jumpMs;
}

export function setMark(marks: ClockMarks, key: string, clock: Clock): void {
  marks.set(key, { wall: clock.now(), monotonicMs: clock.monotonicMs() });
}
