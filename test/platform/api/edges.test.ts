/** What clients of a cluster rely on at the edges: pages, PUT of what is not there, events under two groups, ports, scale, definitions. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CRDS,
  configMap,
  DEFAULT,
  deployment,
  type Harness,
  type Json,
  pod,
  startHarness,
  WIDGETS,
  widget,
  widgetDefinition,
} from './api-harness.ts';

const MAPS = `${DEFAULT}/configmaps`;
const SERVICES = `${DEFAULT}/services`;
const WEB = '/apis/apps/v1/namespaces/default/deployments/web';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const NEW_EVENTS = '/apis/events.k8s.io/v1/namespaces/default/events';

let api: Harness;

beforeAll(async () => {
  api = await startHarness();
  await api.post(CRDS, widgetDefinition);
  await api.post('/apis/apps/v1/namespaces/default/deployments', deployment('web'));
});
afterAll(() => api.stop());

const apply = (path: string, manager: string, body: unknown) =>
  api.call('PATCH', `${path}?fieldManager=${manager}`, {
    body,
    headers: { 'content-type': 'application/apply-patch+yaml' },
  });
const names = ({ json }: { json: Json }) =>
  [...((json.items ?? []) as unknown as Json[])].map((item) => item.metadata?.name);

describe('a list', () => {
  test('shows on all of its pages what was there at the first one', async () => {
    for (const name of ['p1', 'p2', 'p3']) await api.post(MAPS, configMap(name, { labels: { paged: 'yes' } }));
    const paged = `${MAPS}?labelSelector=paged&limit=1`;
    const first = await api.get(paged);
    await api.delete(`${MAPS}/p2`);
    await api.post(MAPS, configMap('p25', { labels: { paged: 'yes' } }));
    const second = await api.get(`${paged}&continue=${first.json.metadata?.continue}`);
    const third = await api.get(`${paged}&continue=${second.json.metadata?.continue}`);
    expect([first, second, third].flatMap(names)).toEqual(['p1', 'p2', 'p3']);
    expect(third.json.metadata).toEqual({ resourceVersion: first.json.metadata?.resourceVersion });
    const exact = `${MAPS}?labelSelector=paged&resourceVersionMatch=Exact`;
    expect(names(await api.get(`${exact}&resourceVersion=${third.json.metadata?.resourceVersion}`))).toHaveLength(3);
    expect(names(await api.get(`${MAPS}?labelSelector=paged`))).toEqual(['p1', 'p25', 'p3']);
  });

  test.each([
    ['a limit below zero is none', 'limit=-1', 200],
    ['a limit that is no number', 'limit=x', 400],
    ['a match without version', 'resourceVersionMatch=Exact', 422],
    ['a match that is none', 'resourceVersionMatch=Foo&resourceVersion=1', 422],
    ['a version of the future', 'resourceVersion=999999999', 504],
    ['a token that is none', 'limit=1&continue=x', 400],
    ['a field that cannot be selected by', 'fieldSelector=data.a%3D1', 400],
  ])('%s', async (_, query, status) => expect((await api.get(`${MAPS}?${query}`)).status).toBe(status));
});

describe('PUT', () => {
  test('makes a Lease that is not there, as its controllers expect', async () => {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'new' }, spec: {} };
    expect((await api.put(`${LEASES}/new`, lease)).status).toBe(201);
    expect((await api.put(`${LEASES}/new`, lease)).status).toBe(200);
    const withUid = { ...lease, metadata: { name: 'other', uid: 'x' } };
    expect((await api.put(`${LEASES}/other`, withUid)).status).toBe(409);
  });

  test('makes nothing else', async () => {
    expect((await api.put(`${MAPS}/absent`, configMap('absent'))).status).toBe(404);
  });

  test('wants a name', async () => {
    await api.post(MAPS, configMap('named'));
    const answer = await api.put(`${MAPS}/named`, { metadata: {} });
    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringContaining('name must be provided') } });
  });
});

test('a patch with another uid is invalid, a replacement with one a conflict', async () => {
  await api.post(MAPS, configMap('identity'));
  const patched = await api.merge(`${MAPS}/identity`, { metadata: { uid: 'x' } });
  expect(patched.json).toMatchObject({ code: 422, details: { causes: [{ field: 'metadata.uid' }, {}] } });
  expect((await api.put(`${MAPS}/identity`, configMap('identity', { uid: 'x' }))).status).toBe(409);
});

describe('events', () => {
  const about = { kind: 'Pod', namespace: 'default', name: 'p' };

  test('are one set under both groups', async () => {
    const old = { metadata: { name: 'old' }, involvedObject: about, reason: 'Both', message: 'hello', count: 3 };
    const current = {
      metadata: { name: 'new' },
      regarding: about,
      reason: 'Both',
      note: 'hello',
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'test',
    };
    await api.post(`${DEFAULT}/events`, old);
    await api.post(NEW_EVENTS, current);
    const asNew = await api.get(`${NEW_EVENTS}?fieldSelector=regarding.name%3Dp,reason%3DBoth`);
    const asOld = await api.get(`${DEFAULT}/events?fieldSelector=involvedObject.name%3Dp,reason%3DBoth`);
    expect([names(asNew), names(asOld)]).toEqual([
      ['new', 'old'],
      ['new', 'old'],
    ]);
    expect(asNew.json.items?.[1]).toMatchObject({ note: 'hello', regarding: about, deprecatedCount: 3 });
    expect(asOld.json.items?.[0]).toMatchObject({ message: 'hello', reportingComponent: 'test', apiVersion: 'v1' });
  });

  test('are watched in the group that was asked for, whichever they were made in', async () => {
    const watching = await api.watch(`${NEW_EVENTS}?watch=true&fieldSelector=reason%3DWatched`);
    await api.post(`${DEFAULT}/events`, {
      metadata: { name: 'w' },
      involvedObject: about,
      reason: 'Watched',
      message: 'm',
    });
    const line = await watching.next();
    expect(line).toMatchObject({ type: 'ADDED', object: { apiVersion: 'events.k8s.io/v1', note: 'm' } });
  });

  test('live where the object does that they are about', async () => {
    const elsewhere = { metadata: { name: 'x' }, involvedObject: { ...about, namespace: 'other' } };
    expect((await api.post(`${DEFAULT}/events`, elsewhere)).status).toBe(422);
  });
});

describe('a Service of type NodePort', () => {
  const service = (name: string, port: Record<string, number> = {}) => ({
    metadata: { name },
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, ...port }] },
  });
  const portOf = ({ json }: { json: Json }) => Number(json.spec?.ports?.[0]?.nodePort);

  test('gets a port of the range that no other has, and keeps it', async () => {
    const [first, second] = [await api.post(SERVICES, service('np1')), await api.post(SERVICES, service('np2'))];
    expect([portOf(first), portOf(second)]).toEqual([30_000, 30_001]);
    expect(portOf(await api.put(`${SERVICES}/np1`, service('np1')))).toBe(30_000);
    await api.delete(`${SERVICES}/np1`);
    expect(portOf(await api.post(SERVICES, service('np3')))).toBe(30_000);
  });

  test.each([
    [29_999, 422],
    [32_768, 422],
    [32_767, 201],
    [30_001, 422],
  ])('that asks for %d is answered %d', async (nodePort, status) => {
    expect((await api.post(SERVICES, service(`asks-${nodePort}`, { nodePort }))).status).toBe(status);
  });

  test('may become another type and come back', async () => {
    await api.post(SERVICES, service('turns', { nodePort: 31_000 }));
    const plain = await api.merge(`${SERVICES}/turns`, { spec: { type: 'ClusterIP' } });
    expect([plain.status, plain.json.spec?.ports?.[0]]).toEqual([200, { port: 80, protocol: 'TCP', targetPort: 80 }]);
    const name = await api.merge(`${SERVICES}/turns`, { spec: { type: 'ExternalName', externalName: 'a.b' } });
    expect(name.json.spec).not.toHaveProperty('clusterIP');
    const back = await api.merge(`${SERVICES}/turns`, { spec: { type: 'NodePort', externalName: null } });
    expect(back.json.spec).toMatchObject({ clusterIP: expect.stringMatching(/^10\.96\./) });
    expect(portOf(back)).toBeGreaterThanOrEqual(30_000);
  });
});

describe('server-side apply of a scale', () => {
  const scale = (replicas: number) => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'web' },
    spec: { replicas },
  });

  test('owns the replicas of the whole object', async () => {
    expect((await apply(`${WEB}/scale`, 'scaler&force=true', scale(3))).json).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 3 },
    });
    const whole = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 7 } };
    const refused = await apply(WEB, 'other', whole);
    const message = 'conflict with "scaler" with subresource "scale"';
    expect(refused.json).toMatchObject({ code: 409, details: { causes: [{ message, field: '.spec.replicas' }] } });
    expect((await apply(WEB, 'other&force=true', whole)).json.spec?.replicas).toBe(7);
  });
});

describe('a deleted pod', () => {
  test('is answered with its last state, which says that it had no time', async () => {
    await api.post(`${DEFAULT}/pods`, pod('at-once', { nodeName: 'n' }));
    const { json } = await api.delete(`${DEFAULT}/pods/at-once?gracePeriodSeconds=0`);
    expect(json.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, deletionTimestamp: expect.any(String) });
    expect((await api.get(`${DEFAULT}/pods/at-once`)).status).toBe(404);
  });

  test('has a second when it is given less than none', async () => {
    await api.post(`${DEFAULT}/pods`, pod('second', { nodeName: 'n' }));
    const { json } = await api.delete(`${DEFAULT}/pods/second?gracePeriodSeconds=-5`);
    expect(json.metadata?.deletionGracePeriodSeconds).toBe(1);
  });
});

describe('a custom resource', () => {
  test('says itself what it is', async () => {
    const { kind: _kind, ...unsaid } = widget('unsaid');
    expect((await api.post(WIDGETS, unsaid)).status).toBe(400);
  });
});

describe('a CustomResourceDefinition', () => {
  const withSchema = (name: string, schema: object) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${name}.edges.example` },
    spec: {
      group: 'edges.example',
      scope: 'Namespaced',
      names: { plural: name, kind: name },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { a: schema } } },
        },
      ],
    },
  });

  test.each([
    ['a list without items', { type: 'array' }, 'a].items'],
    ['a type inside anyOf', { type: 'string', anyOf: [{ type: 'string' }] }, 'a].anyOf[0].type'],
    ['a default of the wrong type', { type: 'string', default: 1 }, 'a].default'],
    [
      'a map list without keys',
      { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' },
      'map-keys',
    ],
    ['a pattern that is none', { type: 'string', pattern: '(' }, 'a].pattern'],
  ])('with %s is not structural', async (_, schema, field) => {
    const { json } = await api.post(CRDS, withSchema('bads', schema));
    expect(json).toMatchObject({ code: 422, details: { causes: [{ field: expect.stringContaining(field) }] } });
  });

  test('with rules in CEL is accepted with the warning that they are not evaluated', async () => {
    const rules = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1' }, { rule: 'self < 9' }] };
    const { status, headers } = await api.post(CRDS, withSchema('ruled', rules));
    expect(status).toBe(201);
    expect(headers.warning).toMatch(/^299 - "version v1: 2 rules of x-kubernetes-validations .* not evaluated/);
  });
});
