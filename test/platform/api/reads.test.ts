/** Lists, pages and watches. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configMap, DEFAULT, type Harness, startHarness, type Watching } from './api-harness.ts';

const MAPS = `${DEFAULT}/configmaps`;
let api: Harness;
const watches: Watching[] = [];

beforeAll(async () => {
  api = await startHarness();
});
afterAll(async () => {
  for (const watching of watches) watching.close();
  await api.stop();
});

const open = async (query: string): Promise<Watching> => {
  const watching = await api.watch(`${MAPS}?watch=1&${query}`);
  watches.push(watching);
  return watching;
};
const version = async () => String((await api.get(MAPS)).json.metadata?.resourceVersion);
const seen = async (watching: Watching) => {
  const event = await watching.next();
  return event === undefined ? 'end' : `${event.type} ${event.object.metadata?.name ?? event.object.reason}`;
};

describe('a list', () => {
  test('is given page by page, as of its first page', async () => {
    for (const name of ['page-a', 'page-b', 'page-c'])
      await api.post(MAPS, configMap(name, { labels: { paged: 'yes' } }));
    const first = await api.get(`${MAPS}?labelSelector=paged&limit=2`);
    await api.post(MAPS, configMap('page-z'));
    const rest = await api.get(`${MAPS}?labelSelector=paged&limit=2&continue=${first.json.metadata?.continue}`);
    const names = [first, rest].map(({ json }) =>
      Array.from(json.items as never, (item: typeof json) => item.metadata?.name),
    );
    expect(names).toEqual([['page-a', 'page-b'], ['page-c']]);
    expect(rest.json.metadata?.resourceVersion).toBe(first.json.metadata?.resourceVersion);
    expect(rest.json.metadata).not.toHaveProperty('continue');
  });

  test.each([
    ['a label selector that does not parse', 'labelSelector=%3D%3D', 400],
    ['a continue token of somebody else', 'continue=abc', 400],
    ['a limit that is no number', 'limit=many', 400],
    ['a resource version that is no number', 'resourceVersion=new', 400],
    ['a resource version that does not exist yet', 'resourceVersion=999999', 504],
  ])('is refused for %s', async (_, query, status) => {
    expect((await api.get(`${MAPS}?${query}`)).status).toBe(status);
  });

  test('is a table for those who ask for one', async () => {
    await api.post(MAPS, configMap('row'));
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const { json } = await api.call('GET', MAPS, { headers: { accept } });
    expect(json).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
  });

  test('is metadata alone for those who ask for that', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const { json } = await api.call('GET', MAPS, { headers: { accept } });
    expect(json.kind).toBe('PartialObjectMetadataList');
    expect(json.items?.[0]).not.toHaveProperty('data');
  });
});

describe('a watch', () => {
  test('goes on from where a list was', async () => {
    const from = await version();
    await api.post(MAPS, configMap('before-watch'));
    const watching = await open(`resourceVersion=${from}`);
    await api.post(MAPS, configMap('after-watch'));
    await api.merge(`${MAPS}/after-watch`, { data: { key: 'new' } });
    await api.delete(`${MAPS}/after-watch`);
    const events = [await seen(watching), await seen(watching), await seen(watching), await seen(watching)];
    expect(events).toEqual(['ADDED before-watch', 'ADDED after-watch', 'MODIFIED after-watch', 'DELETED after-watch']);
  });

  test('begins with what is there when it names no version', async () => {
    await api.post(MAPS, configMap('present', { labels: { there: 'yes' } }));
    expect(await seen(await open('labelSelector=there'))).toBe('ADDED present');
    expect(await seen(await open('labelSelector=there&resourceVersion=0'))).toBe('ADDED present');
  });

  test('marks the end of the initial events for those who list by watching', async () => {
    await api.post(MAPS, configMap('listed', { labels: { listing: 'yes' } }));
    const watching = await open(
      'labelSelector=listing&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    );
    expect(await seen(watching)).toBe('ADDED listed');
    const mark = await watching.next();
    expect(mark).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
  });

  test('sees an object come and go as it starts and ceases to match', async () => {
    await api.post(MAPS, configMap('turns', { labels: { mode: 'off' } }));
    const from = await version();
    const live = await open(`labelSelector=mode%3Don&resourceVersion=${from}`);
    await api.merge(`${MAPS}/turns`, { metadata: { labels: { mode: 'on' } } });
    await api.merge(`${MAPS}/turns`, { data: { key: 'x' } });
    await api.merge(`${MAPS}/turns`, { metadata: { labels: { mode: 'off' } } });
    const expected = ['ADDED turns', 'MODIFIED turns', 'DELETED turns'];
    expect([await seen(live), await seen(live), await seen(live)]).toEqual(expected);
    const replayed = await open(`labelSelector=mode%3Don&resourceVersion=${from}`);
    expect([await seen(replayed), await seen(replayed), await seen(replayed)]).toEqual(expected);
  });

  test('from a version that the store has never reached ends with 410, so that the client lists anew', async () => {
    const watching = await open('resourceVersion=999999');
    expect(await watching.next()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(await watching.next()).toBeUndefined();
  });

  test('ends after the time that it asked for', async () => {
    const watching = await open(`timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=${await version()}`);
    expect((await watching.next())?.type).toBe('BOOKMARK');
    expect(await watching.next()).toBeUndefined();
  });

  test('sends table rows, with the columns once', async () => {
    await api.post(MAPS, configMap('tabled', { labels: { tabled: 'yes' } }));
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const { text } = await api.call('GET', `${MAPS}?watch=1&labelSelector=tabled&timeoutSeconds=1`, {
      headers: { accept },
    });
    const [first] = text.split('\n').map((line) => (line === '' ? undefined : JSON.parse(line)));
    expect(first.object.kind).toBe('Table');
    expect(first.object.columnDefinitions.length).toBeGreaterThan(0);
  });

  test.each([
    ['initial events without a match', 'sendInitialEvents=true', 422],
    ['a match without initial events', 'resourceVersionMatch=NotOlderThan', 422],
  ])('is refused for %s', async (_, query, status) => {
    expect((await api.get(`${MAPS}?watch=1&${query}`)).status).toBe(status);
  });
});

test('objects and versions outlive a restart', async () => {
  const { json } = await api.post(MAPS, configMap('durable'));
  await api.restart();
  const again = await api.get(`${MAPS}/durable`);
  expect(again.json).toEqual(json);
  expect((await api.post(MAPS, configMap('next'))).json.metadata?.resourceVersion).toBe(
    String(Number(json.metadata?.resourceVersion) + 1),
  );
});
