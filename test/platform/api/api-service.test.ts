/** Where the server is, told by itself. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT, type Harness, type Json, startHarness } from './api-harness.ts';

const SLICE = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes';

let api: Harness;
beforeEach(async () => {
  api = await startHarness();
});
afterEach(() => api.stop());

const told = async (): Promise<Json[]> => {
  const paths = [`${DEFAULT}/services/kubernetes`, `${DEFAULT}/endpoints/kubernetes`, SLICE];
  return (await Promise.all(paths.map((path) => api.get(path)))).map(({ json }) => json);
};

test('the Service kubernetes leads to the server', async () => {
  const { port } = api.server;
  const ports = [{ name: 'https', port, protocol: 'TCP' }];
  expect(await told()).toMatchObject([
    {
      kind: 'Service',
      metadata: { labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: {
        type: 'ClusterIP',
        clusterIP: '10.96.0.1',
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
      },
    },
    { kind: 'Endpoints', subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports }] },
    { kind: 'EndpointSlice', addressType: 'IPv4', endpoints: [{ addresses: ['127.0.0.1'] }], ports },
  ]);
});

test('a start that changes nothing writes nothing', async () => {
  const before = await told();
  await api.restart();
  expect(await told()).toEqual(before);
});

test('what somebody deleted or changed is there again after a start', async () => {
  await api.delete(`${DEFAULT}/services/kubernetes`);
  await api.merge(SLICE, { ports: [{ name: 'https', port: 1, protocol: 'TCP' }] });
  await api.restart();
  const [service, , slice] = await told();
  expect([service?.kind, slice?.ports?.[0]?.port]).toEqual(['Service', api.server.port]);
});

test('nobody else gets the address', async () => {
  const service = (clusterIP?: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { generateName: 'web-' },
    spec: { ports: [{ port: 80 }], ...(clusterIP === undefined ? {} : { clusterIP }) },
  });
  expect((await api.post(`${DEFAULT}/services`, service('10.96.0.1'))).status).toBe(422);
  expect((await api.post(`${DEFAULT}/services`, service())).json.spec?.clusterIP).toBe('10.96.0.2');
});
