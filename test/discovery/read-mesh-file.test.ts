import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMeshFile } from '../../src/discovery/read-mesh-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-mesh-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(text: string) {
  const path = join(folder, 'mesh.yaml');
  await writeFile(path, text);
  return readMeshFile(path);
}

const REGISTRY_ONLY = 'outboundTrafficPolicy: { mode: REGISTRY_ONLY }';

test.each([
  { what: 'a bare MeshConfig', text: REGISTRY_ONLY },
  { what: "the ConfigMap of Istio's control plane", text: `kind: ConfigMap\ndata:\n  mesh: |\n    ${REGISTRY_ONLY}\n` },
])('$what is read, with defaults for the rest', async ({ text }) => {
  const { settings, lines } = await read(text);
  expect(settings).toMatchObject({ outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' }, rootNamespace: 'istio-system' });
  expect(lines).toEqual([]);
});

test('an empty file means the defaults', async () => {
  expect((await read('')).settings.outboundTrafficPolicy.mode).toBe('ALLOW_ANY');
});

test('what is not in force here is named', async () => {
  expect((await read('h2UpgradePolicy: UPGRADE')).lines).toEqual([
    expect.stringMatching(/^warning SL0302 .*h2UpgradePolicy/),
  ]);
});

test.each([
  { text: 'outboundTrafficPolicy: { mode: SOMETIMES }', code: 'SL0121', message: /outboundTrafficPolicy\.mode/ },
  { text: 'a: [', code: 'SL0121', message: /not valid/ },
])('$text is refused', async ({ text, code, message }) => {
  await expect(read(text)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('a file that is not there is refused', async () => {
  await expect(readMeshFile(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'SL0120' });
});
