/**
 * `sluice approve|reject|pause|resume|promote|abort|retry X`: writes a RolloutAction for the revision that is there now, and
 * prints what the controller made of it.
 */

import type { Canary } from '../../canary/canary.schema.ts';
import { ROLLOUT_ACTION, type RolloutAction, type RolloutActionSpec } from '../../canary/rollout-action.schema.ts';
import { createWatchCache } from '../../kube/watch-cache.ts';
import { SluiceError } from '../../lib/errors.ts';
import { EXIT } from '../exit-code.ts';
import { findCanary } from '../find-canary.ts';
import type { Session } from '../session.ts';
import type { Surroundings } from '../surroundings.ts';

export type ActOptions = { stage?: string; reason?: string; timeoutMs: number };

export async function act(
  action: RolloutActionSpec['action'],
  name: string,
  options: ActOptions,
  session: Session,
  surroundings: Surroundings,
): Promise<number> {
  const canary = await findCanary(session, name);
  surroundings.stderr.write(`${action} ${name} in ${session.place}\n`);
  const created = await session.client.create<RolloutAction>(
    ROLLOUT_ACTION,
    await actionFor(action, canary, options, session),
  );
  const outcome = await outcomeOf(created, options.timeoutMs, session, surroundings);
  if (outcome === undefined) {
    throw new SluiceError(
      'SL0010',
      `The controller has not answered yet: look at rolloutaction ${created.metadata.name}, which stays valid`,
    );
  }
  surroundings.stdout.write(`${outcome.outcome}: ${outcome.message}\n`);
  return outcome.outcome === 'Applied' ? EXIT.ok : EXIT.failed;
}

async function actionFor(
  action: RolloutActionSpec['action'],
  { metadata, status }: Canary,
  { stage, reason }: ActOptions,
  session: Session,
): Promise<RolloutAction> {
  const revision = status?.rollout?.revision;
  if (revision === undefined) {
    throw new SluiceError('SL0007', `Canary ${metadata.name} has no revision yet: the controller has not seen it`);
  }
  const { namespace } = session;
  const spec: RolloutActionSpec = { canary: metadata.name, revision, action, by: await whoAmI(session) };
  if (metadata.uid !== undefined) spec.canaryUid = metadata.uid;
  if (stage !== undefined) spec.gate = stage;
  if (reason !== undefined) spec.reason = reason;
  const generateName = `${metadata.name}-${action.toLowerCase()}-`;
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'RolloutAction',
    metadata: { name: '', generateName, namespace },
    spec,
  };
}

/** The user as the API server authenticates it (SelfSubjectReview, Kubernetes 1.28). */
async function whoAmI({ client }: Session): Promise<string> {
  const { status, text } = await client.raw({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  });
  if (status >= 400) throw new SluiceError('SL0005', `The API server does not say who you are: it answered ${status}`);
  const review = JSON.parse(text) as { status?: { userInfo?: { username?: string } } };
  return review.status?.userInfo?.username ?? 'unknown';
}

/** @returns `undefined` when the controller does not answer in time */
async function outcomeOf(
  { metadata: { name } }: RolloutAction,
  timeoutMs: number,
  { client, namespace }: Session,
  { clock, random, logger, signal }: Surroundings,
): Promise<{ outcome: string; message: string } | undefined> {
  const fieldSelector = `metadata.name=${name}`;
  const cache = createWatchCache<RolloutAction>(client, ROLLOUT_ACTION, {
    namespace,
    fieldSelector,
    clock,
    random,
    logger,
  });
  try {
    return await new Promise((resolve) => {
      const cancel = clock.after(timeoutMs, () => resolve(undefined));
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
      cache.onChange(({ object }) => {
        if (object.status?.outcome === undefined) return;
        cancel();
        resolve({ outcome: object.status.outcome, message: object.status.message ?? '' });
      });
    });
  } finally {
    cache.close();
  }
}
