/** What is remembered over kill -9 of everything: objects, watches, approvals, failures. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { CANARY, type Canary } from '../../src/canary/canary.schema.ts';
import { DEPLOYMENT } from '../../src/kube/resource-types.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import type { RolloutView } from '../../src/view/rollout-view.ts';
import { World } from '../support/world.ts';
import { returned } from './recovery.ts';
import { GATED_ANALYSIS, QUICK_ANALYSIS, QUICK_CHECKS, Shop } from './shop.ts';

/** Two gates: the first is open already when everything is killed. */
const TWO_GATES = {
  ...QUICK_ANALYSIS,
  stages: [
    { name: 'few', weight: 20, duration: '1s', approval: 'required' as const },
    { name: 'half', weight: 50, duration: '1s', approval: 'required' as const },
  ],
};
/** Fails in every round, and has patience for many of them. */
const FAILING = {
  ...QUICK_ANALYSIS,
  threshold: 8,
  metrics: QUICK_CHECKS.map((check) => ({ ...check, interval: '2s' })),
};

type Before = { specs: unknown[]; resourceVersion: string; failing: RolloutView };

let world: World;
let resting: Shop;
let gated: Shop;
let failing: Shop;
let before: Before;
beforeAll(async () => {
  world = await World.start();
  [resting, gated, failing] = await Promise.all([
    Shop.open(world, { analysis: GATED_ANALYSIS, requestsPerSecond: 20 }),
    Shop.open(world, { analysis: TWO_GATES, requestsPerSecond: 40 }),
    Shop.open(world, { analysis: FAILING, requestsPerSecond: 40 }),
  ]);
  await openFirstGate(gated);
  await failing.release({ VERSION: 'v2', FAIL_PERCENT: '50' });
  before = {
    failing: await failing.until('two failures', ({ failures }) => failures.count >= 2),
    specs: await specsOf(resting),
    resourceVersion: (await world.client.list<Canary>(CANARY, { namespace: resting.namespace })).resourceVersion,
  };
  await world.killEverything();
  await world.up();
});
afterAll(async () => {
  await Promise.all([resting, gated, failing].map((shop) => shop?.close()));
  await world?.stop();
});

async function openFirstGate(shop: Shop): Promise<void> {
  await shop.release({ VERSION: 'v2' });
  await shop.until('the first gate', ({ waitingFor }) => waitingFor?.gate === 'few');
  expect((await shop.sluice('approve', '--reason', 'looks good')).code).toBe(0);
  await shop.until('the second gate', ({ waitingFor }) => waitingFor?.gate === 'half');
}

/** Without what moves by itself: conditions are told anew by the controllers. */
async function specsOf({ namespace }: Shop): Promise<unknown[]> {
  const lists = await Promise.all([
    world.client.list<KubeObject>(DEPLOYMENT, { namespace }),
    world.client.list<KubeObject>(CANARY, { namespace }),
  ]);
  return lists.flatMap(({ items }) =>
    items.map(({ metadata: { name, uid, generation, creationTimestamp }, ...rest }) => ({
      name,
      uid,
      generation,
      creationTimestamp,
      spec: (rest as { spec?: unknown }).spec,
    })),
  );
}

/** The first mark that a watch tells of that goes on from the version. */
async function marksAfter(resourceVersion: string, namespace: string): Promise<string | undefined> {
  const stop = new AbortController();
  const options = { namespace, resourceVersion, timeoutSeconds: 60, signal: stop.signal };
  try {
    for await (const event of world.client.watch<Canary>(CANARY, options)) {
      if (event.type === 'ERROR') throw new Error(`${event.status} ${event.reason}: ${event.message}`);
      const mark = event.type === 'BOOKMARK' ? undefined : event.object.metadata.annotations?.['seen-after'];
      if (mark !== undefined) return mark;
    }
  } finally {
    stop.abort();
  }
  return undefined;
}

test.concurrent('objects are what they were, and a watch goes on from the version that was seen last', async () => {
  const { namespace, name } = resting;
  const { specs, resourceVersion } = before;
  await returned(resting, 'v1');
  expect(await specsOf(resting)).toEqual(specs);
  const mark = { metadata: { annotations: { 'seen-after': resourceVersion } } };
  await world.client.patch(CANARY, { namespace, name }, mark, { strategy: 'merge' });
  expect(await marksAfter(resourceVersion, namespace)).toBe(resourceVersion);
});

test.concurrent('an approval is not asked for again', async () => {
  await returned(gated);
  const { waitingFor } = await gated.until('a gate, again', (view) => view.waitingFor?.kind === 'gate');
  expect(waitingFor?.gate).toBe('half');
  expect((await gated.sluice('approve')).code).toBe(0);
  const { history } = await gated.until('the promotion', ({ phase }) => phase === 'Succeeded');
  expect(history[0]?.approvals.map(({ gate }) => gate)).toEqual(['few', 'half']);
});

test.concurrent('failures are still counted', async () => {
  const { failures, startedAt } = before.failing;
  const after = await failing.until('the end', ({ state }) => state === 'rolledBack');
  expect(after.failures.count).toBeGreaterThanOrEqual(failures.count);
  expect(after.history).toMatchObject([{ outcome: 'rolledBack', startedAt }]);
  await returned(failing, 'v1');
});
