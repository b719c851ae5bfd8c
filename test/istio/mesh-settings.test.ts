/** The file of `--mesh`, edited while the proxy runs: what is in force at once, and what is told to wait for the next start. */

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Mesh, PATIENCE_MS, service, startMesh } from './mesh.ts';

const soon = { timeout: 30_000, interval: 50 };

let folder: string;
let mesh: Mesh;

/** Editors write beside and rename, so that nobody reads half of it. */
async function edit(settings: object): Promise<void> {
  await writeFile(join(folder, 'next.yaml'), JSON.stringify(settings));
  await rename(join(folder, 'next.yaml'), join(folder, 'mesh.yaml'));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-settings-'));
  await edit({});
  mesh = await startMesh({ yaml: service('web', { v1: ['e1'] }), args: ['--mesh', join(folder, 'mesh.yaml')] });
}, PATIENCE_MS);
afterAll(async () => {
  await mesh?.close();
  await rm(folder, { recursive: true });
});

const statusOf = async (host: string) => (await mesh.ask({ host })).status;

test('REGISTRY_ONLY answers 502 for hosts that nobody registered, 503 without it, and those that are registered go on', async () => {
  expect(await statusOf('elsewhere.example.com')).toBe(503);
  await edit({ outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } });
  await expect.poll(() => statusOf('elsewhere.example.com'), soon).toBe(502);
  expect(await statusOf('web')).toBe(200);
  await edit({ outboundTrafficPolicy: { mode: 'ALLOW_ANY' } });
  await expect.poll(() => statusOf('elsewhere.example.com'), soon).toBe(503);
  expect(mesh.findings()).toBe('');
});

test('what is read at the start only is named, with what to do', async () => {
  await edit({ accessLogFile: join(folder, 'access.log'), accessLogEncoding: 'JSON' });
  await expect.poll(() => mesh.findings(), soon).toMatch(/^warning SL0309: .*accessLogFile.*start again/m);
  expect(await statusOf('web')).toBe(200);
});

test('settings that are not valid leave those before in force', async () => {
  await edit({ outboundTrafficPolicy: { mode: 'SOMETIMES' } });
  await expect.poll(() => mesh.findings(), soon).toMatch(/^error SL0121 .*SOMETIMES.*those before stay in force$/m);
  await mesh.edit('more.yaml', service('more', { v1: ['e2'] }));
  expect(await statusOf('more')).toBe(200);
  expect(await statusOf('elsewhere.example.com')).toBe(503);
});

test('settings that are taken away stay in force, and are read when they are back', async () => {
  await rm(join(folder, 'mesh.yaml'));
  await expect.poll(() => mesh.findings(), soon).toMatch(/^error SL0120 .*those before stay in force$/m);
  expect(await statusOf('web')).toBe(200);
  await edit({ outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } });
  await expect.poll(() => statusOf('elsewhere.example.com'), soon).toBe(502);
});
