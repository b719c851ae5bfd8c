/** What the server does as time goes by, on a clock that the test moves. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toRfc3339 } from '../../../src/lib/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { configMap, DEFAULT, type Harness, startHarness } from './api-harness.ts';

const MAPS = `${DEFAULT}/configmaps`;
const MINUTE = 60_000;

let clock: FakeClock;
let api: Harness;

beforeEach(async () => {
  // Certificates are valid as of now, and the client is a real one.
  clock = new FakeClock(Date.now());
  api = await startHarness({ clock });
});
afterEach(() => api.stop());

describe('after a compaction of the log', () => {
  /** A version, and a page that began at it, which are both forgotten. */
  async function old(): Promise<{ version: string; token: string }> {
    await api.post(MAPS, configMap('a'));
    await api.post(MAPS, configMap('b'));
    const { json } = await api.get(`${MAPS}?limit=1`);
    const forgotten = { version: `${json.metadata?.resourceVersion}`, token: `${json.metadata?.continue}` };
    // Two, because the newest entry of the log always stays.
    for (const name of ['c', 'd']) await api.post(MAPS, configMap(name));
    await clock.advance(11 * MINUTE);
    return forgotten;
  }

  test('a watch from before it ends with 410, so that the client lists anew', async () => {
    const { version } = await old();
    const watching = await api.watch(`${MAPS}?watch=true&resourceVersion=${version}`);
    expect(await watching.next()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(await watching.next()).toBeUndefined();
  });

  test('a list of exactly then is refused with 410', async () => {
    const { version } = await old();
    const answer = await api.get(`${MAPS}?resourceVersion=${version}&resourceVersionMatch=Exact`);
    expect(answer).toMatchObject({ status: 410, json: { reason: 'Expired' } });
    expect((await api.get(`${MAPS}?resourceVersion=${version}`)).status).toBe(200);
  });

  test('a page that goes on from then is refused with 410', async () => {
    const { token } = await old();
    const answer = await api.get(`${MAPS}?limit=1&continue=${token}`);
    expect(answer).toMatchObject({ status: 410, json: { reason: 'Expired' } });
  });

  test('a watch from its newest version goes on', async () => {
    await old();
    const { json } = await api.get(MAPS);
    const watching = await api.watch(`${MAPS}?watch=true&resourceVersion=${json.metadata?.resourceVersion}`);
    await api.post(MAPS, configMap('e'));
    expect(await watching.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'e' } } });
  });
});

describe('a watch', () => {
  test('is told once a minute how far the world is, if it asks', async () => {
    const watching = await api.watch(`${MAPS}?watch=true&allowWatchBookmarks=true`);
    const silent = await api.watch(`${MAPS}?watch=true`);
    await clock.advance(MINUTE);
    expect(await watching.next()).toMatchObject({ type: 'BOOKMARK', object: { kind: 'ConfigMap' } });
    await api.post('/api/v1/namespaces', { metadata: { name: 'elsewhere' } });
    const { json } = await api.get('/api/v1/namespaces');
    await clock.advance(MINUTE);
    // Also what the watch is not about moves it on.
    const { resourceVersion } = json.metadata ?? {};
    expect(await watching.next()).toMatchObject({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } });
    await api.post(MAPS, configMap('first'));
    expect(await silent.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'first' } } });
  });

  test('ends after an hour at most, when it names no time', async () => {
    const watching = await api.watch(`${MAPS}?watch=true`);
    await clock.advance(60 * MINUTE);
    expect(await watching.next()).toBeUndefined();
  });
});

test('events live an hour from when they were last seen, and their watchers are told', async () => {
  const event = (name: string, seenAt: number) => ({
    metadata: { name },
    involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
    reason: 'Seen',
    message: name,
    lastTimestamp: toRfc3339(seenAt),
  });
  await api.post(`${DEFAULT}/events`, event('old', clock.now()));
  await api.post(`${DEFAULT}/events`, event('young', clock.now() + 30 * MINUTE));
  // Watches end after 30 to 60 minutes; this one asks for two hours.
  const watching = await api.watch(`${DEFAULT}/events?watch=true&timeoutSeconds=7200`);
  expect([await watching.next(), await watching.next()].map((line) => line?.type)).toEqual(['ADDED', 'ADDED']);
  await clock.advance(62 * MINUTE);
  expect(await watching.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'old' } } });
  const { json } = await api.get(`${DEFAULT}/events`);
  expect(json.items?.length).toBe(1);
});
