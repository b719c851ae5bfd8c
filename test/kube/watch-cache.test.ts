import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONFIG_MAP } from '../../src/kube/resource-types.ts';
import { createWatchCache } from '../../src/kube/watch-cache.ts';
import type { WatchCache } from '../../src/kube/watch-cache.types.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { KubeObject, ObjectMeta } from '../../src/lib/resource.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { failure, json, type ScriptedApiServer, scriptedApiServer } from '../support/scripted-api-server.ts';

const object = (name: string, version: number, more: Partial<ObjectMeta> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name, uid: `uid-${name}`, resourceVersion: String(version), ...more },
});
const line = (type: string, body: unknown): string => `${JSON.stringify({ type, object: body })}\n`;

describe('a watch cache', () => {
  let clock: FakeClock;
  let server: ScriptedApiServer;
  let cache: WatchCache<KubeObject>;
  let seen: string[];
  let lists: ((response: ServerResponse) => void)[];
  let watches: ServerResponse[];
  let watchedFrom: string[];
  let onWatch: (response: ServerResponse) => void;

  const listing =
    (version: number, ...items: KubeObject[]) =>
    (response: ServerResponse) =>
      json(response, 200, { metadata: { resourceVersion: String(version) }, items });
  const refusing = (code: number, reason: string) => (response: ServerResponse) =>
    json(response, code, failure(code, reason));

  /** Lets real sockets and the still clock take turns until something is true. */
  const until = async (condition: () => boolean, stepMs = 0): Promise<void> => {
    while (!condition()) await clock.advance(stepMs);
  };

  beforeEach(async () => {
    clock = new FakeClock();
    seen = [];
    lists = [];
    watches = [];
    watchedFrom = [];
    onWatch = (response) => response.flushHeaders();
    server = await scriptedApiServer(({ url }, response) => {
      const query = new URL(url, 'https://x').searchParams;
      if (query.get('watch') === 'true') {
        watchedFrom.push(query.get('resourceVersion') ?? '');
        watches.push(response);
        onWatch(response);
      } else (lists.length > 1 ? lists.shift() : lists[0])?.(response);
    });
  });
  afterEach(async () => {
    cache.close();
    await server.close();
  });

  const start = async (...answers: typeof lists): Promise<void> => {
    lists = answers;
    cache = createWatchCache(await server.client({ clock }), CONFIG_MAP, {
      clock,
      random: () => 0,
      logger: silentLogger,
    });
    cache.onChange(({ type, object: { metadata } }) =>
      seen.push(`${type} ${metadata.name}@${metadata.resourceVersion}`),
    );
  };

  test('holds the first list before it says that it is synced', async () => {
    await start(listing(5, object('a', 3), object('b', 4)));
    expect(cache.hasSynced()).toBe(false);
    await cache.synced;
    expect(seen).toEqual(['added a@3', 'added b@4']);
    expect(cache.get('shop', 'a')).toEqual(object('a', 3));
    expect(cache.list('shop')).toHaveLength(2);
    expect(cache.list('other')).toEqual([]);
  });

  test('follows additions, changes and deletions, and tells the previous object', async () => {
    await start(listing(5));
    await until(() => watches.length === 1);
    watches[0]?.write(
      line('ADDED', object('a', 6)) + line('MODIFIED', object('a', 7)) + line('DELETED', object('a', 8)),
    );
    await until(() => seen.length === 3);
    expect(seen).toEqual(['added a@6', 'modified a@7', 'deleted a@8']);
    expect(cache.list()).toEqual([]);
  });

  test('resumes a cut connection from the last version it saw, bookmarks included, without a new list', async () => {
    await start(listing(5));
    await until(() => watches.length === 1);
    watches[0]?.write(line('ADDED', object('a', 6)) + line('BOOKMARK', { metadata: { resourceVersion: '40' } }));
    await until(() => seen.length === 1);
    watches[0]?.write('{"type":"MODI', () => watches[0]?.socket?.destroy());
    await until(() => watches.length === 2, 10);
    expect(watchedFrom).toEqual(['5', '40']);
    expect(server.requests.filter(({ url }) => !url.includes('watch=true'))).toHaveLength(1);
  });

  const goneWays: Record<string, (response: ServerResponse) => void> = {
    'an ERROR event': (response) => response.end(line('ERROR', failure(410, 'Expired'))),
    'an answer': refusing(410, 'Expired'),
  };
  test.each(Object.entries(goneWays))('lists again after 410 as %s and deletes what has gone', async (_name, gone) => {
    let first = true;
    onWatch = (response) => {
      if (first) gone(response);
      else response.flushHeaders();
      first = false;
    };
    await start(listing(5, object('a', 3), object('b', 4)), listing(90, object('b', 4), object('c', 80)));
    await until(() => watches.length === 2, 10);
    expect(seen).toEqual(['added a@3', 'added b@4', 'deleted a@3', 'added c@80']);
    expect(watchedFrom).toEqual(['5', '90']);
  });

  test('does not ask a server that calls every version expired in a busy loop', async () => {
    onWatch = refusing(410, 'Expired');
    await start(listing(5, object('a', 3)));
    await until(() => watches.length === 3, 10);
    // Waits of 100 ms and 200 ms at least lie between three attempts.
    expect(clock.now()).toBeGreaterThanOrEqual(300);
  });

  test('sees an object that was deleted and created again under the same name as two', async () => {
    await start(listing(5, object('a', 3)));
    await until(() => watches.length === 1);
    watches[0]?.write(line('MODIFIED', object('a', 9, { uid: 'another' })));
    await until(() => seen.length === 3);
    expect(seen).toEqual(['added a@3', 'deleted a@3', 'added a@9']);
  });

  test('lists again when a connection has been silent for a minute', async () => {
    await start(listing(5, object('a', 3)), listing(9));
    await until(() => watches.length === 1);
    await clock.advance(59_000);
    expect(watches).toHaveLength(1);
    await until(() => watches.length === 2, 500);
    expect(seen).toEqual(['added a@3', 'deleted a@3']);
    expect(clock.now()).toBeLessThan(63_000);
  });

  const refusals: Record<string, (response: ServerResponse) => void> = {
    'the kind is not installed yet': refusing(404, 'NotFound'),
    'the server has too much to do': refusing(429, 'TooManyRequests'),
    'the server is broken': refusing(500, 'InternalError'),
    'the connection is cut': (response) => response.destroy(),
    'the answer is nonsense': (response) => response.end('<html>'),
  };
  test.each(Object.entries(refusals))('tries again when %s', async (_name, refuse) => {
    await start(refuse, refuse, refuse, listing(5, object('a', 3)));
    await until(() => cache.hasSynced(), 50);
    expect(seen).toEqual(['added a@3']);
  });

  test('backs off from a server that ends every watch at once', async () => {
    onWatch = (response) => response.end();
    await start(listing(5));
    await cache.synced;
    await until(() => 10_000 < clock.now(), 100);
    expect(watches.length).toBeLessThan(12);
  });

  test('survives a listener that throws', async () => {
    await start(listing(5));
    cache.onChange(() => {
      throw new Error('listener');
    });
    await until(() => watches.length === 1);
    watches[0]?.write(line('ADDED', object('a', 6)));
    await until(() => seen.length === 1);
    watches[0]?.write(line('ADDED', object('b', 7)));
    await until(() => seen.length === 2);
  });

  test('rejects the wait for its first list when it is closed first', async () => {
    await start(refusing(500, 'InternalError'));
    cache.close();
    await expect(cache.synced).rejects.toThrow('closed');
  });
});
