/** The only place that knows how xstate hands a step back. */

import { transition } from 'xstate';
import { type RolloutSnapshot, rolloutMachine } from './rollout.machine.ts';
import { EMPTY_CONTEXT } from './rollout-context.ts';
import type { RolloutEvent } from './rollout-events.ts';

/** The snapshot of a Canary that nobody has seen before. */
export function newRollout(at: number): RolloutSnapshot {
  return rolloutMachine.resolveState({ value: 'initializing', context: { ...EMPTY_CONTEXT, since: at } });
}

/** @returns the next snapshot; the same object when the event means nothing now */
export function advance(from: RolloutSnapshot, event: RolloutEvent): RolloutSnapshot {
  const [snapshot, actions] = transition(rolloutMachine, from, event);
  const [stray] = actions;
  // A timer or an actor would be lost on restore, so the chart must have none.
  if (stray !== undefined) throw new Error(`The rollout chart must stay pure: unexpected action ${stray.type}`);
  return snapshot;
}
