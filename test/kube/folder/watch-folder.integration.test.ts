/** A folder on disk and the embedded API server. */

import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/kube/connect.ts';
import type { FolderReport } from '../../../src/kube/folder/folder-pass.ts';
import { watchFolder } from '../../../src/kube/folder/watch-folder.ts';
import type { KubeClient } from '../../../src/kube/kube-client.ts';
import { CONFIG_MAP } from '../../../src/kube/resource-types.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { startApiServer } from '../../../src/platform/api/api-server.ts';

const tools = { clock: systemClock, logger: silentLogger };
const closing = new AbortController();
const reports: FolderReport[] = [];
const waiters: (() => void)[] = [];
let root: string;
let dir: string;
let client: KubeClient;
let closeServer: () => Promise<void> = async () => {};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-folder-'));
  dir = await mkdtemp(join(root, 'manifests-'));
  const server = await startApiServer({ dataDir: join(root, 'data'), random: Math.random, ...tools });
  closeServer = () => server.close();
  client = await connect({ kubeconfigPath: server.kubeconfigPath, clock: systemClock, userAgent: 'folder-test' });
  await write('a.yaml', configMap('a', 'one'));
  await write('broken.yaml', 'kind: [\n');
  await write('unknown.yaml', 'apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: x}\n');
  await watchFolder({ client, dir, onReport, signal: closing.signal, ...tools });
});

afterAll(async () => {
  closing.abort();
  await client?.close();
  await closeServer();
  await rm(root, { recursive: true, force: true });
});

function onReport(report: FolderReport): void {
  reports.push(report);
  for (const wake of waiters.splice(0)) wake();
}

describe('watchFolder()', () => {
  test('applies what is good and names what is broken', async () => {
    expect(await dataOf('a')).toBe('one');
    const texts = reports.map(({ text }) => text);
    expect(texts).toContainEqual('ConfigMap default/a created');
    expect(texts).toContainEqual(expect.stringMatching(/^broken\.yaml:\d+:\d+: /));
    expect(texts).toContainEqual(
      'unknown.yaml:2:7: kind: must be a kind that the API server serves (did you mean apps/v1 Deployment?): got apps/v1 Deploymnt',
    );
  });

  test('applies an edit, and nothing else again', async () => {
    const before = reports.length;
    await write('a.yaml', configMap('a', 'two'));
    await untilReport((text) => text === 'ConfigMap default/a configured');
    expect(await dataOf('a')).toBe('two');
    expect(reports.slice(before).map(({ outcome }) => outcome)).toEqual(['configured']);
  });

  test('applies every edit of a file that is saved by renaming a new one over it', async () => {
    for (const value of ['three', 'four', 'five']) {
      const before = reports.length;
      await writeFile(join(dir, '.a.swp'), configMap('a', value));
      await rename(join(dir, '.a.swp'), join(dir, 'a.yaml'));
      await untilReport((text) => text === 'ConfigMap default/a configured', before);
      expect(await dataOf('a')).toBe(value);
    }
    const before = reports.length;
    await write('a.yaml', configMap('a', 'six'));
    await untilReport((text) => text === 'ConfigMap default/a configured', before);
    expect(await dataOf('a')).toBe('six');
  });

  test('applies and watches folders below, those that come later, too', async () => {
    await mkdir(join(dir, 'later', 'below'), { recursive: true });
    await write('later/below/e.yaml', configMap('e', 'one'));
    await untilReport((text) => text === 'ConfigMap default/e created');
    const before = reports.length;
    await write('later/below/e.yaml', configMap('e', 'two'));
    await untilReport((text) => text === 'ConfigMap default/e configured', before);
    await rm(join(dir, 'later'), { recursive: true });
  });

  test('watches a single file through the folder that it is in', async () => {
    const file = join(root, 'single.yaml');
    await writeFile(file, configMap('single', 'one'));
    await watchFolder({ client, dir: file, onReport, signal: closing.signal, ...tools });
    for (const value of ['two', 'three']) {
      const before = reports.length;
      await writeFile(join(root, '.single.swp'), configMap('single', value));
      await rename(join(root, '.single.swp'), file);
      await untilReport((text) => text === 'ConfigMap default/single configured', before);
      expect(await dataOf('single')).toBe(value);
    }
  });

  test('deletes nothing while a file cannot be read, and what is gone once all can', async () => {
    await write('b.yaml', configMap('b', 'one'));
    await untilReport((text) => text === 'ConfigMap default/b created');
    await client.create(CONFIG_MAP, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'foreign', namespace: 'default' },
    });
    await rm(join(dir, 'b.yaml'));
    await rename(join(dir, 'unknown.yaml'), join(dir, 'unknown.txt'));
    await write('c.yaml', configMap('c', 'one'));
    await untilReport((text) => text === 'ConfigMap default/c created');
    expect(await dataOf('b')).toBe('one');
    await rm(join(dir, 'broken.yaml'));
    await untilReport((text) => text === 'ConfigMap default/b pruned');
    expect(await client.get(CONFIG_MAP, { namespace: 'default', name: 'b' })).toBeUndefined();
    expect(await client.get(CONFIG_MAP, { namespace: 'default', name: 'foreign' })).toBeDefined();
  });

  test('notices that a file which came later is gone', async () => {
    await write('d.yaml', configMap('d', 'one'));
    await untilReport((text) => text === 'ConfigMap default/d created');
    await rm(join(dir, 'd.yaml'));
    await untilReport((text) => text === 'ConfigMap default/d pruned');
    expect(await dataOf('c')).toBe('one');
  });

  test('refuses a folder that is not there', async () => {
    const missing = join(root, 'missing');
    const watching = watchFolder({ client, dir: missing, onReport, signal: closing.signal, ...tools });
    await expect(watching).rejects.toMatchObject({ code: 'SL0120' });
  });
});

const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: ${value}\n`;

async function write(file: string, text: string): Promise<void> {
  await writeFile(join(dir, file), text);
}

async function dataOf(name: string): Promise<string | undefined> {
  const found = await client.get<KubeObject & { data?: { value?: string } }>(CONFIG_MAP, {
    namespace: 'default',
    name,
  });
  return found?.data?.value;
}

async function untilReport(holds: (text: string) => boolean, from = 0): Promise<void> {
  while (!reports.slice(from).some(({ text }) => holds(text)))
    await new Promise<void>((resolve) => waiters.push(resolve));
}
