/** Paths as services receive them by each mode of MeshConfig's `pathNormalization`, in every row of Istio's own integration test. */

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Mesh, PATIENCE_MS, service, startMesh } from './mesh.ts';

type Row = { mode: string; in: string; out: string };

const rows = JSON.parse(
  readFileSync(new URL('../conformance/istio/path-normalization.json', import.meta.url), 'utf8'),
) as Row[];

describe.each([...Map.groupBy(rows, ({ mode }) => mode)])('%s', (mode, ofMode) => {
  let folder: string;
  let mesh: Mesh;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-paths-'));
    const file = join(folder, 'mesh.yaml');
    await writeFile(file, `pathNormalization: { normalization: ${mode} }\n`);
    mesh = await startMesh({ yaml: service('web', { v1: ['e1'] }), args: ['--mesh', file], host: 'web' });
  }, PATIENCE_MS);
  afterAll(async () => {
    await mesh?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(ofMode)('makes $out of $in', async ({ in: path, out }) => {
    const reply = await mesh.ask({ path });
    if (out === '400') expect(reply.status).toBe(400);
    else expect(reply.received.map((request) => request.path)).toEqual([out]);
  });

  test('is told on the admin port', async () => {
    expect(JSON.parse(await mesh.admin('/config_dump'))).toMatchObject({ reading: { paths: mode } });
  });
});
