/** `sluice status X`: how the rollout stands, for people and, through the exit code, for scripts. */

import type { Canary } from '../../canary/canary.schema.ts';
import { DEPLOYMENT } from '../../kube/resource-types.ts';
import { SluiceError } from '../../lib/errors.ts';
import type { KubeObject } from '../../lib/resource.ts';
import { renderTree } from '../../view/render-tree.ts';
import { type RolloutView, rolloutView } from '../../view/rollout-view.ts';
import type { Style } from '../../view/style.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { findCanary } from '../find-canary.ts';
import { followCanary } from '../follow-canary.ts';
import type { Session } from '../session.ts';
import type { Surroundings } from '../surroundings.ts';

export type StatusOptions = { wait?: boolean; timeoutMs?: number; output?: 'json' | undefined };

export async function status(
  name: string,
  options: StatusOptions,
  session: Session,
  surroundings: Surroundings & { style: Style },
): Promise<number> {
  const first = await findCanary(session, name);
  const canary = options.wait === true ? await settled(first, options, session, surroundings) : first;
  if (canary === 'aborted') return EXIT.interrupted;
  const view = rolloutView(canary);
  const text =
    options.output === 'json'
      ? JSON.stringify(view, null, 2)
      : renderTree(view, { now: surroundings.clock.now(), style: surroundings.style });
  surroundings.stdout.write(`${text}\n`);
  return exitCodeOf(view);
}

/** Under way is no failure: only an outcome, or a person who is waited for, is worth a code of its own. */
export function exitCodeOf({ phase, waitingFor }: Pick<RolloutView, 'phase' | 'waitingFor'>): ExitCode {
  if (phase === 'Failed') return EXIT.failed;
  return waitingFor?.kind === 'gate' ? EXIT.waitingForApproval : EXIT.ok;
}

/** Waits until the controller has seen the target as it is now, and is done with it. */
async function settled(
  { metadata: { name }, spec }: Canary,
  { timeoutMs }: StatusOptions,
  session: Session,
  surroundings: Surroundings,
): Promise<Canary | 'aborted'> {
  const { client, namespace } = session;
  const target =
    spec.targetRef.kind === 'Deployment'
      ? await client.get<KubeObject>(DEPLOYMENT, { namespace, name: spec.targetRef.name })
      : undefined;
  const generation = target?.metadata.generation ?? 0;
  const patience = new AbortController();
  const cancel = timeoutMs === undefined ? undefined : surroundings.clock.after(timeoutMs, () => patience.abort());
  const signal = AbortSignal.any([surroundings.signal, patience.signal]);
  let last: RolloutView | undefined;
  const found = await followCanary(session, name, { ...surroundings, signal }, (canary) => {
    if (canary === undefined) return undefined;
    last = rolloutView(canary);
    return isSettled(last, generation) ? canary : undefined;
  });
  cancel?.();
  if (found === 'aborted' && patience.signal.aborted) {
    const waiting = last?.waitingFor === undefined ? `phase ${last?.phase ?? 'unknown'}` : last.waitingFor.text;
    throw new SluiceError('SL0010', `Canary ${name} is not settled within the timeout: ${waiting}`);
  }
  return found;
}

/** `Failed` is said as soon as it is decided; these states say that traffic has arrived where it belongs. */
const SETTLED_STATES: readonly string[] = ['initialized', 'succeeded', 'rolledBack'];

/** Settled: at rest, and the revision was computed from the target as it is now (scaling changes the generation too). */
export function isSettled(
  { state, generation }: Pick<RolloutView, 'state' | 'generation'>,
  targetGeneration: number,
): boolean {
  return SETTLED_STATES.includes(state) && (generation ?? 0) >= targetGeneration;
}
