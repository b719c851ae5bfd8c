import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManifestCache } from '../../../src/kube/folder/manifest-cache.ts';
import { readManifests } from '../../../src/kube/folder/read-manifests.ts';

const LATER_MS = 3_600_000;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'manifests-'));
});
afterEach(() => rm(dir, { recursive: true }));

const manifest = (name: string) => `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\n`;

async function objectsIn(cache: ManifestCache) {
  return (await readManifests(dir, cache)).documents.map(({ object }) => object);
}

describe('files that are read again', () => {
  test('are the same objects where nothing changed, and others where something did', async () => {
    const cache = new ManifestCache(() => Date.now() + LATER_MS);
    await writeFile(join(dir, 'a.yaml'), manifest('one'));
    await writeFile(join(dir, 'b.yaml'), manifest('two'));
    const [a, b] = await objectsIn(cache);
    await writeFile(join(dir, 'b.yaml'), manifest('six'));
    const [sameA, otherB] = await objectsIn(cache);
    expect(sameA).toBe(a);
    expect(otherB).not.toBe(b);
    expect(otherB?.metadata.name).toBe('six');
  });

  test.each<{ what: string; change: (path: string) => Promise<void> }>([
    {
      what: 'replaced by one of the same length',
      change: async (path) => {
        await writeFile(`${path}.new`, manifest('six'));
        await rename(`${path}.new`, path);
      },
    },
    {
      what: 'given back its old time after a change',
      change: async (path) => {
        await writeFile(path, manifest('six'));
        await utimes(path, new Date(0), new Date(0));
      },
    },
  ])('are read when one is $what', async ({ change }) => {
    const cache = new ManifestCache(() => Date.now() + LATER_MS);
    const path = join(dir, 'a.yaml');
    await writeFile(path, manifest('one'));
    await utimes(path, new Date(0), new Date(0));
    await objectsIn(cache);
    await change(path);
    expect((await objectsIn(cache))[0]?.metadata.name).toBe('six');
  });

  test('are read while their time is so near that a further change might not show', async () => {
    const cache = new ManifestCache(() => Date.now());
    await writeFile(join(dir, 'a.yaml'), manifest('one'));
    const [first] = await objectsIn(cache);
    const [second] = await objectsIn(cache);
    expect(second).not.toBe(first);
    expect(second).toEqual(first);
  });

  test('are forgotten when they are gone', async () => {
    const cache = new ManifestCache(() => Date.now() + LATER_MS);
    await writeFile(join(dir, 'a.yaml'), manifest('one'));
    const [first] = await objectsIn(cache);
    await rename(join(dir, 'a.yaml'), join(dir, 'a.hidden'));
    expect(await objectsIn(cache)).toEqual([]);
    await rename(join(dir, 'a.hidden'), join(dir, 'a.yaml'));
    const [back] = await objectsIn(cache);
    expect(back).not.toBe(first);
    expect(back).toEqual(first);
  });
});
