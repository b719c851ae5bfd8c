import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEventRecorder, type EventRecorder } from '../../src/kube/event-recorder.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  failure,
  json,
  type Received,
  type ScriptedApiServer,
  scriptedApiServer,
} from '../support/scripted-api-server.ts';

const web: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'shop', name: 'web', uid: 'u1', resourceVersion: '7' },
};
const SCALED = { type: 'Normal', reason: 'Scaled', message: 'Scaled up to 3' } as const;

describe('an event recorder', () => {
  let server: ScriptedApiServer;
  let refuse: (request: Received) => boolean;
  let events: Map<string, KubeObject>;
  let recorder: EventRecorder;
  let clock: FakeClock;

  beforeEach(async () => {
    refuse = () => false;
    clock = new FakeClock(1_000_000);
    events = new Map();
    server = await scriptedApiServer((request, response) => {
      if (refuse(request)) return json(response, 403, failure(403, 'Forbidden'));
      const sent = request.body === '' ? {} : JSON.parse(request.body);
      const name = request.method === 'POST' ? sent.metadata.name : request.url.split('/').at(-1);
      const known = events.get(name);
      if (request.method === 'POST' && known !== undefined) return json(response, 409, failure(409, 'AlreadyExists'));
      if (request.method !== 'POST' && known === undefined) return json(response, 404, failure(404, 'NotFound'));
      const now = { ...known, ...sent };
      events.set(name, now);
      json(response, 200, now);
    });
    recorder = await start();
  });
  afterEach(() => server.close());

  const start = async (component = 'kubelet') =>
    createEventRecorder({ client: await server.client(), clock, logger: silentLogger }, { component, host: 'node-1' });
  const methods = () => server.requests.map(({ method }) => method);
  const counts = () => [...events.values()].map(({ count }) => count);
  const say = async (times: number, by = recorder) => {
    for (let time = 0; time < times; time++) by.record(web, SCALED);
    await by.flush();
  };

  test('says what happened to what, when, and who says so', async () => {
    await say(1);
    expect([...events.values()]).toMatchObject([
      {
        kind: 'Event',
        metadata: { namespace: 'shop', name: expect.stringMatching(/^web\.[0-9a-f]{12}$/) },
        involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u1' },
        ...SCALED,
        count: 1,
        source: { component: 'kubelet', host: 'node-1' },
        firstTimestamp: '1970-01-01T00:16:40Z',
      },
    ]);
  });

  test('counts what is said again, and keeps apart what is said of others', async () => {
    await say(2);
    recorder.record({ ...web, metadata: { ...web.metadata, uid: 'u2' } }, SCALED);
    await recorder.flush();
    expect(methods()).toEqual(['POST', 'PATCH', 'POST']);
    expect(counts()).toEqual([2, 1]);
  });

  test('counts on after a restart', async () => {
    await say(2);
    await say(2, await start());
    expect(counts()).toEqual([4]);
  });

  test('keeps apart what others say', async () => {
    await say(1);
    await say(1, await start('scheduler'));
    expect(counts()).toEqual([1, 1]);
  });

  test('begins anew when the Event has been dropped meanwhile', async () => {
    await say(3);
    events.clear();
    await say(2);
    expect(counts()).toEqual([2]);
  });

  test('writes the first ten at once, and then only now and then, without losing count', async () => {
    await say(100);
    expect([methods().length, counts()]).toEqual([10, [10]]);
    await clock.advance(29_999);
    await say(1);
    expect([methods().length, counts()]).toEqual([10, [10]]);
    await clock.advance(1);
    await say(1);
    expect([methods().length, counts()]).toEqual([11, [102]]);
    expect([...events.values()]).toMatchObject([{ lastTimestamp: '1970-01-01T00:17:10Z' }]);
  });

  test('gives up an event that is refused, and goes on', async () => {
    refuse = () => true;
    await say(1);
    expect(counts()).toEqual([]);
    refuse = () => false;
    await say(1);
    expect(counts()).toEqual([1]);
  });

  test('keeps names and messages short enough for API servers', async () => {
    const long = { ...web, metadata: { ...web.metadata, name: 'x'.repeat(253) } };
    recorder.record(long, { ...SCALED, message: 'y'.repeat(5_000) });
    await recorder.flush();
    const [event] = events.values();
    expect([event?.metadata.name.length, `${event?.message}`.length]).toEqual([253, 1_024]);
  });
});
