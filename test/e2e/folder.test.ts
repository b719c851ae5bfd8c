/** `sluice up -f DIR`: the folder is what runs. What is wrong in it is told by place, and disturbs nothing that is right. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { CANARY, type Canary } from '../../src/canary/canary.schema.ts';
import { CONFIG_MAP } from '../../src/kube/resource-types.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { World } from '../support/world.ts';
import { GATED_ANALYSIS, Shop } from './shop.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-folder-'));
let world: World;
let shop: Shop;

function write(file: string, ...manifests: readonly unknown[]): void {
  writeFileSync(join(folder, file), manifests.map((manifest) => stringify(manifest)).join('---\n'));
}

function writeShop({ version = 'v1', threshold = 2 as unknown } = {}): void {
  const analysis = { ...GATED_ANALYSIS, threshold: threshold as number };
  const [namespace, deployment, canary] = shop.manifests({ analysis, env: { VERSION: version } });
  write('namespace.yaml', namespace);
  write('deployment.yaml', deployment);
  write('canary.yaml', canary);
}

const settings = (name: string, colour: string): KubeObject & { data: Record<string, string> } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: shop.namespace },
  data: { colour },
});

async function colourOf(name: string): Promise<string | undefined> {
  const found = await world.client.get<ReturnType<typeof settings>>(CONFIG_MAP, { namespace: shop.namespace, name });
  return found?.data.colour;
}

beforeAll(async () => {
  // The names are known before there is a world, because the folder is read at its start.
  shop = new Shop(await World.start({ manifests: folder }));
  world = shop.world;
  writeShop();
  await shop.until('the primary serves', ({ phase }) => phase === 'Initialized');
  shop.startTraffic(20);
});
afterAll(async () => {
  await shop?.close();
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('an edited Deployment is a release', async () => {
  writeShop({ version: 'v2' });
  await shop.until('the gate of v2', ({ waitingFor }) => waitingFor?.kind === 'gate');
});

test('a broken file is told by line and column, the good ones beside it are applied, and the rollout is undisturbed', async () => {
  const before = await shop.view();
  writeFileSync(join(folder, 'broken.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [half\n');
  write('good.yaml', settings('good', 'green'));
  expect(await world.reported('broken.yaml:')).toMatch(/broken\.yaml:\d+:\d+/);
  await world.reported('good created');
  expect(await colourOf('good')).toBe('green');
  const after = await shop.view();
  expect([after.revision, after.startedAt, after.waitingFor?.kind]).toEqual([
    before.revision,
    before.startedAt,
    before.waitingFor?.kind,
  ]);
});

test('a file that is corrected is applied', async () => {
  write('broken.yaml', settings('broken', 'blue'));
  await world.reported('broken created');
  expect(await colourOf('broken')).toBe('blue');
});

test('a bad value in a Canary is told at the line of its field, and the Canary stays as it was', async () => {
  writeShop({ version: 'v2', threshold: 'two' });
  const report = await world.reported('canary.yaml:');
  const line = stringify(shop.manifests({ analysis: GATED_ANALYSIS })[2])
    .split('\n')
    .findIndex((text) => text.includes('threshold:'));
  expect(report).toMatch(new RegExp(`canary\\.yaml:${line + 1}:\\d+: spec\\.analysis\\.threshold: must be `));
  const ref = { namespace: shop.namespace, name: shop.name };
  expect((await world.client.get<Canary>(CANARY, ref))?.spec.analysis.threshold).toBe(2);
  expect((await shop.view()).waitingFor?.kind).toBe('gate');
});

test('the corrected Canary is applied', async () => {
  writeShop({ version: 'v2', threshold: 3 });
  const ref = { namespace: shop.namespace, name: shop.name };
  await expect
    .poll(async () => (await world.client.get<Canary>(CANARY, ref))?.spec.analysis.threshold, { timeout: 60_000 })
    .toBe(3);
});

test('what is not in the folder any more is deleted, and nothing else', async () => {
  rmSync(join(folder, 'good.yaml'));
  await world.reported('good pruned');
  expect(await colourOf('good')).toBeUndefined();
  expect(await colourOf('broken')).toBe('blue');
  expect((await shop.sluice('approve')).code).toBe(0);
  await shop.until('the promotion of v2', ({ phase }) => phase === 'Succeeded');
});
