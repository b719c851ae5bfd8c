/** Creating and changing objects: what the server fills in, keeps, counts and refuses. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CRDS,
  configMap,
  DEFAULT,
  deployment,
  type Harness,
  startHarness,
  WIDGETS,
  widget,
  widgetDefinition,
} from './api-harness.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
let api: Harness;

beforeAll(async () => {
  api = await startHarness();
  await api.post(CRDS, widgetDefinition);
});
afterAll(() => api.stop());

describe('a created object', () => {
  test('gets an identity, a creation time and a resource version', async () => {
    const { status, json } = await api.post(`${DEFAULT}/configmaps`, configMap('identity'));
    expect(status).toBe(201);
    expect(json.metadata).toMatchObject({
      name: 'identity',
      namespace: 'default',
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^\d+$/),
      creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  test('gets a generated name', async () => {
    const { json } = await api.post(`${DEFAULT}/configmaps`, { metadata: { generateName: 'made-' } });
    expect(json.metadata?.name).toMatch(/^made-[a-z0-9]{5}$/);
  });

  test('has no status but the initial one', async () => {
    const { json } = await api.post(WIDGETS, { ...widget('stateless'), status: { phase: 'Done' } });
    expect(json).not.toHaveProperty('status');
  });

  test('is not stored by a dry run', async () => {
    const { status, json } = await api.post(`${DEFAULT}/configmaps?dryRun=All`, configMap('imagined'));
    expect(status).toBe(201);
    expect(json.metadata?.uid).toBeDefined();
    expect((await api.get(`${DEFAULT}/configmaps/imagined`)).status).toBe(404);
  });

  test('may be written in YAML', async () => {
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\ndata: {a: b}\n';
    const answer = await api.call('POST', `${DEFAULT}/configmaps`, {
      body,
      headers: { 'content-type': 'application/yaml' },
    });
    expect(answer.json.data).toEqual({ a: 'b' });
  });
});

describe('a create is refused', () => {
  test.each([
    [
      'when the name is taken',
      `${DEFAULT}/configmaps`,
      configMap('taken'),
      409,
      'AlreadyExists',
      'configmaps "taken" already exists',
    ],
    [
      'in a namespace that does not exist',
      '/api/v1/namespaces/nowhere/configmaps',
      configMap('x'),
      404,
      'NotFound',
      'namespaces "nowhere" not found',
    ],
    [
      'with another namespace in the body',
      `${DEFAULT}/configmaps`,
      configMap('x', { namespace: 'other' }),
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'with another version in the body',
      `${DEFAULT}/configmaps`,
      { ...configMap('x'), apiVersion: 'v2' },
      400,
      'BadRequest',
      'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2"',
    ],
    [
      'with a resource version',
      `${DEFAULT}/configmaps`,
      configMap('x', { resourceVersion: '1' }),
      500,
      undefined,
      'resourceVersion should not be set on objects to be created',
    ],
    [
      'without a name',
      `${DEFAULT}/configmaps`,
      { metadata: {} },
      422,
      'Invalid',
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
  ])('%s', async (_, path, body, status, reason, message) => {
    await api.post(`${DEFAULT}/configmaps`, configMap('taken'));
    const answer = await api.post(path, body);
    expect(answer.json).toMatchObject({ kind: 'Status', status: 'Failure', message, code: status });
    expect(answer.json.reason).toBe(reason);
    expect(answer.status).toBe(status);
  });

  test('with every cause at once, by field', async () => {
    const { status, json } = await api.post(WIDGETS, widget('Bad', { size: 0 }));
    expect(status).toBe(422);
    expect(json.details).toMatchObject({
      kind: 'Widget',
      group: 'shop.example',
      causes: [expect.objectContaining({ field: 'metadata.name' }), expect.objectContaining({ field: 'spec.size' })],
    });
  });
});

describe('unknown fields', () => {
  const body = widget('unknown-fields', { size: 1, sice: 2 });

  test('are dropped with a warning by default', async () => {
    const answer = await api.post(`${WIDGETS}?dryRun=All`, body);
    expect(answer.headers.warning).toBe('299 - "unknown field \\"spec.sice\\""');
    expect(answer.json.spec).toEqual({ size: 1, colour: 'red' });
  });

  test('are dropped in silence on request', async () => {
    const answer = await api.post(`${WIDGETS}?dryRun=All&fieldValidation=Ignore`, body);
    expect(answer.headers.warning).toBeUndefined();
  });

  test('are refused by strict validation', async () => {
    const answer = await api.post(`${WIDGETS}?fieldValidation=Strict`, body);
    expect(answer.status).toBe(400);
    expect(answer.json.message).toContain('strict decoding error: unknown field "spec.sice"');
  });
});

describe('a change', () => {
  test('of the wish counts a generation, of labels and status it does not', async () => {
    const made = await api.post(WIDGETS, widget('counted'));
    expect(made.json.metadata?.generation).toBe(1);
    const path = `${WIDGETS}/counted`;
    expect((await api.merge(path, { metadata: { labels: { a: 'b' } } })).json.metadata?.generation).toBe(1);
    expect((await api.merge(`${path}/status`, { status: { phase: 'Busy' } })).json.metadata?.generation).toBe(1);
    expect((await api.merge(path, { spec: { size: 2 } })).json.metadata?.generation).toBe(2);
  });

  test('that changes nothing keeps the resource version', async () => {
    const made = await api.post(`${DEFAULT}/configmaps`, configMap('same'));
    const again = await api.put(`${DEFAULT}/configmaps/same`, configMap('same'));
    expect(again.json.metadata?.resourceVersion).toBe(made.json.metadata?.resourceVersion);
  });

  test('made from an older state is a conflict', async () => {
    const { json } = await api.post(`${DEFAULT}/configmaps`, configMap('contested'));
    await api.merge(`${DEFAULT}/configmaps/contested`, { data: { key: 'first' } });
    const late = await api.put(`${DEFAULT}/configmaps/contested`, { ...json, data: { key: 'second' } });
    expect(late.json).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "contested": the object has been modified; please apply your changes to the latest version and try again',
    });
  });

  test('of the object leaves the status alone, of the status leaves the object alone', async () => {
    await api.post(WIDGETS, widget('halves'));
    const path = `${WIDGETS}/halves`;
    await api.merge(`${path}/status`, { status: { phase: 'Busy' }, spec: { size: 9 } });
    const { json } = await api.merge(path, { spec: { size: 3 }, status: { phase: 'Lie' } });
    expect(json).toMatchObject({ spec: { size: 3 }, status: { phase: 'Busy' } });
  });

  test('of a custom resource by PUT has to say from which state', async () => {
    await api.post(WIDGETS, widget('unconditional'));
    const { status, json } = await api.put(`${WIDGETS}/unconditional`, widget('unconditional'));
    expect(status).toBe(422);
    expect(json.message).toContain('metadata.resourceVersion: Invalid value: 0: must be specified for an update');
  });

  test('through scale sets the replicas of the object', async () => {
    await api.post(DEPLOYMENTS, deployment('scaled'));
    const scale = await api.merge(`${DEPLOYMENTS}/scaled/scale`, { spec: { replicas: 5 } });
    expect(scale.json).toMatchObject({ kind: 'Scale', spec: { replicas: 5 }, status: { selector: 'app=scaled' } });
    expect((await api.get(`${DEPLOYMENTS}/scaled`)).json.spec?.replicas).toBe(5);
    expect((await api.merge(`${DEPLOYMENTS}/scaled/scale`, { spec: { replicas: -1 } })).status).toBe(422);
  });
});

describe('a custom resource', () => {
  test('is served in every version, under one resource version', async () => {
    const { json } = await api.post(WIDGETS, widget('both'));
    const other = await api.get('/apis/shop.example/v1beta1/namespaces/default/widgets/both');
    expect(other.json.apiVersion).toBe('shop.example/v1beta1');
    expect(other.json.metadata?.resourceVersion).toBe(json.metadata?.resourceVersion);
  });

  test('takes no strategic merge patch', async () => {
    await api.post(WIDGETS, widget('patched'));
    const headers = { 'content-type': 'application/strategic-merge-patch+json' };
    const { status, json } = await api.call('PATCH', `${WIDGETS}/patched`, { body: {}, headers });
    expect(status).toBe(415);
    expect(json.message).toBe(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    );
  });
});

describe('server-side apply', () => {
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  const apply = (manager: string, data: Record<string, string>, query = '') =>
    api.call('PATCH', `${DEFAULT}/configmaps/applied?fieldManager=${manager}${query}`, {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data },
      headers,
    });

  test('creates, merges, removes what is no longer applied, and refuses what another manager owns', async () => {
    expect((await apply('one', { a: '1', b: '1' })).status).toBe(201);
    expect((await apply('two', { c: '2' })).json.data).toEqual({ a: '1', b: '1', c: '2' });
    expect((await apply('one', { a: '1' })).json.data).toEqual({ a: '1', c: '2' });
    const disputed = await apply('two', { a: '2', c: '2' });
    expect(disputed.json).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(disputed.json.message).toContain('conflict with "one"');
    expect((await apply('two', { a: '2', c: '2' }, '&force=true')).json.data).toEqual({ a: '2', c: '2' });
  });
});

test.each([
  ['Endpoints', `${DEFAULT}/endpoints`, { subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 1 }] }] }],
  [
    'EndpointSlices',
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    { addressType: 'IPv4', endpoints: [{ addresses: ['127.0.0.1'] }] },
  ],
])('%s may not lead to loopback addresses', async (_, path, fields) => {
  const { status, json } = await api.post(path, { metadata: { name: 'local' }, ...fields });
  expect(status).toBe(422);
  expect(json.message).toContain('may not be in the loopback range (127.0.0.0/8, ::1/128)');
});

describe('a Service', () => {
  const service = (name: string, spec: Record<string, unknown>) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port: 80 }], ...spec },
  });

  test('gets an address of its own, and keeps it', async () => {
    const first = await api.post(`${DEFAULT}/services`, service('first', {}));
    const second = await api.post(`${DEFAULT}/services`, service('second', {}));
    const address = first.json.spec?.clusterIP;
    expect(address).toMatch(/^10\.96\.\d+\.\d+$/);
    expect(second.json.spec?.clusterIP).not.toBe(address);
    const changed = await api.put(`${DEFAULT}/services/first`, service('first', { selector: { app: 'x' } }));
    expect(changed.json.spec?.clusterIP).toBe(address);
  });

  test.each([
    ['outside the range', '192.168.1.1', 'is not in the valid range'],
    ['that another has', '10.96.7.7', 'provided IP is already allocated'],
  ])('is refused an address %s', async (_, clusterIP, why) => {
    await api.post(`${DEFAULT}/services`, service('holder', { clusterIP: '10.96.7.7' }));
    const { status, json } = await api.post(`${DEFAULT}/services`, service('asks', { clusterIP }));
    expect(status).toBe(422);
    expect(json.message).toContain(why);
  });

  test('without one stays without one', async () => {
    const { json } = await api.post(`${DEFAULT}/services`, service('headless', { clusterIP: 'None' }));
    expect(json.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
  });
});
