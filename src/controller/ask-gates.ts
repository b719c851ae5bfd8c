/** Asks the webhooks of the gate now waited for: at once, and then once per interval until they agree. */

import { isRunning } from '../canary/next-event.ts';
import type { Observed } from '../canary/observed.ts';
import type { RolloutSnapshot } from '../canary/rollout.machine.ts';
import type { EpochMs } from '../lib/clock.ts';
import type { WebhookTools } from '../notify/webhook.ts';
import type { Decisions } from './decide.ts';
import type { World } from './gather.ts';
import { askAll, askedGate, rollbackAsked } from './rollout-webhooks.ts';

/** When each gate was last asked, by Canary, revision and gate. Lost in a restart, which costs one question. */
export type AskedGates = Map<string, EpochMs>;

type Asking = { asked: AskedGates; tools: WebhookTools };

/** Gates that open in turn (preparation, traffic) are asked one after the other in the same turn. */
const GATES_PER_TURN_MAX = 4;
const REMEMBERED_MAX = 1_000;

/** @returns when the gate is to be asked again */
export async function askGates(
  world: World,
  decisions: Decisions,
  { asked, tools }: Asking,
): Promise<EpochMs | undefined> {
  const { observed } = world;
  for (let count = 0; count < GATES_PER_TURN_MAX; count++) {
    const { snapshot } = decisions;
    const gate = askedGate(snapshot);
    if (gate === undefined || snapshot.context.paused !== null || observed.suspended) return undefined;
    const dueAt = dueAtOf(world, snapshot, { asked, gate });
    if (observed.at < dueAt) return dueAt;
    // Forgetting costs one question each; keeping what nobody asks about any more would cost memory for ever.
    if (asked.size > REMEMBERED_MAX) asked.clear();
    asked.set(askedKey(world, snapshot, gate), observed.at);
    const rollback = await rollbackAsked(world, { snapshot, tools });
    if (rollback !== undefined) return takeBack(decisions, observed, rollback);
    const checks = await askAll(world, gate, { snapshot, tools });
    if (checks.some(({ verdict }) => verdict.kind === 'fail')) {
      // A pre-rollout hook is a test of the new version; the others only have not agreed yet.
      if (gate === 'pre-rollout') decisions.hear({ type: 'evidence.judged', at: observed.at, checks });
      decisions.follow(observed);
      return observed.at + observed.plan.intervalMs;
    }
    decisions.hear({ type: 'gate.opened', at: observed.at, gate });
    decisions.follow(observed);
  }
  return observed.at + observed.plan.intervalMs;
}

/** What a rollback webhook does: the same as a person who aborts. */
export function takeBack(decisions: Decisions, observed: Observed, webhook: string): undefined {
  const primaryServes = (observed.primary?.readyReplicas ?? 0) > 0;
  if (!isRunning(decisions.snapshot.value)) return;
  const reason = 'its answer asks for the rollback';
  decisions.hear({ type: 'operator.aborted', at: observed.at, by: `webhook ${webhook}`, reason, primaryServes });
  decisions.follow(observed);
}

function dueAtOf(
  world: World,
  snapshot: RolloutSnapshot,
  { asked, gate }: { asked: AskedGates; gate: string },
): EpochMs {
  const last = asked.get(askedKey(world, snapshot, gate));
  return last === undefined ? world.observed.at : last + world.observed.plan.intervalMs;
}

function askedKey({ canary }: World, { context, value }: RolloutSnapshot, gate: string): string {
  return [canary.metadata.uid, context.candidate?.revision, context.startedAt, value, context.stageIndex, gate].join(
    '/',
  );
}
