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
  let recorder: EventRecorder;
  const clock = new FakeClock(1_000_000);

  beforeEach(async () => {
    refuse = () => false;
    server = await scriptedApiServer((request, response) => {
      if (refuse(request)) return json(response, 403, failure(403, 'Forbidden'));
      return json(response, 200, JSON.parse(request.body));
    });
    recorder = createEventRecorder(
      { client: await server.client(), clock, random: () => 0.5, logger: silentLogger },
      { component: 'kubelet', host: 'node-1' },
    );
  });
  afterEach(() => server.close());

  const written = () => server.requests.map(({ method, body }) => ({ method, ...JSON.parse(body) }));

  test('says what happened to what, when, and who says so', async () => {
    recorder.record(web, SCALED);
    await recorder.flush();
    expect(written()).toMatchObject([
      {
        method: 'POST',
        kind: 'Event',
        metadata: { namespace: 'shop', name: 'web.8000000080000000' },
        involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u1' },
        ...SCALED,
        count: 1,
        source: { component: 'kubelet', host: 'node-1' },
        firstTimestamp: '1970-01-01T00:16:40Z',
      },
    ]);
  });

  test('counts what is said again, and keeps apart what is said of others', async () => {
    recorder.record(web, SCALED);
    recorder.record(web, SCALED);
    recorder.record({ ...web, metadata: { ...web.metadata, uid: 'u2' } }, SCALED);
    await recorder.flush();
    expect(written().map(({ method, count }) => [method, count])).toEqual([
      ['POST', 1],
      ['PATCH', 2],
      ['POST', 1],
    ]);
  });

  test('gives up an event that is refused, goes on, and makes a new one next time', async () => {
    refuse = ({ method }) => method === 'PATCH';
    for (let times = 0; times < 3; times++) recorder.record(web, SCALED);
    await recorder.flush();
    expect(written().map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST']);
  });

  test('keeps names and messages short enough for API servers', async () => {
    const long = { ...web, metadata: { ...web.metadata, name: 'x'.repeat(253) } };
    recorder.record(long, { ...SCALED, message: 'y'.repeat(5_000) });
    await recorder.flush();
    const [event] = written();
    expect([event?.metadata.name.length, event?.message.length]).toEqual([253, 1_024]);
  });
});
