/** Pods that a ServiceEntry selects, and sockets that nobody serves: from objects to endpoints. */

import { describe, expect, test } from 'vitest';
import { compileObjects } from '../../src/discovery/compile-objects.ts';
import type { KubeObject } from '../../src/lib/resource.ts';

const NETWORKING = 'networking.istio.io/v1';
const PORTS = [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 8080 }];

const entry = (more: object): KubeObject => ({
  apiVersion: NETWORKING,
  kind: 'ServiceEntry',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { hosts: ['web.example.com'], resolution: 'STATIC', ports: PORTS, ...more },
});
const SELECTING = entry({ workloadSelector: { labels: { app: 'web' } } });

type PodSays = { namespace?: string; labels?: Record<string, string>; ready?: string; ip?: string; deleted?: boolean };

function pod(
  name: string,
  { namespace = 'shop', labels = {}, ready = 'True', ip, deleted = false }: PodSays,
): KubeObject {
  const metadata = {
    name,
    namespace,
    labels: { app: 'web', ...labels },
    ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  };
  const status = { conditions: [{ type: 'Ready', status: ready }], ...(ip !== undefined && { podIP: ip }) };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'n1' }, status };
}

function compiled(objects: readonly KubeObject[]) {
  const { table, issues } = compileObjects(objects, { role: 'sidecar', caller: { namespace: 'shop' }, strict: false });
  const endpoints = table.endpoints['outbound|80||web.example.com']?.endpoints ?? [];
  return { endpoints, issues, addresses: endpoints.map(({ address }) => address) };
}

describe('a ServiceEntry with a selector', () => {
  test.each<[sentence: string, pods: KubeObject[], addresses: string[]]>([
    [
      'takes pods with its labels',
      [pod('a', { ip: '10.1.0.1' }), pod('b', { ip: '10.1.0.2' })],
      ['10.1.0.1:8080', '10.1.0.2:8080'],
    ],
    ['takes a pod of the other family', [pod('a', { ip: '2001:db8::1' })], ['[2001:db8::1]:8080']],
    ['leaves others', [pod('a', { ip: '10.1.0.1', labels: { app: 'other' } })], []],
    ['leaves those of other namespaces', [pod('a', { ip: '10.1.0.1', namespace: 'far' })], []],
    ['leaves those that are not ready', [pod('a', { ip: '10.1.0.1', ready: 'False' })], []],
    ['leaves those that are about to go', [pod('a', { ip: '10.1.0.1', deleted: true })], []],
    ['leaves those that have no address yet', [pod('a', {})], []],
  ])('%s', (_sentence, pods, addresses) => expect(compiled([SELECTING, ...pods]).addresses).toEqual(addresses));

  test('takes them beside WorkloadEntries', () => {
    const workload = { apiVersion: NETWORKING, kind: 'WorkloadEntry', metadata: { name: 'vm', namespace: 'shop' } };
    const objects = [
      SELECTING,
      pod('a', { ip: '10.1.0.1' }),
      { ...workload, spec: { address: '10.2.0.1', labels: { app: 'web' } } },
    ];
    expect(compiled(objects).addresses.toSorted()).toEqual(['10.1.0.1:8080', '10.2.0.1:8080']);
  });

  test('takes none where callers name the address', () => {
    const objects = [
      entry({ resolution: 'NONE', workloadSelector: { labels: { app: 'web' } } }),
      pod('a', { ip: '10.1.0.1' }),
    ];
    expect(compiled(objects).addresses).not.toContain('10.1.0.1:8080');
  });

  test('knows their workload and their place', () => {
    const owner = { kind: 'ReplicaSet', name: 'web-5d8', apiVersion: 'apps/v1', uid: '1', controller: true };
    const one = pod('a', {
      ip: '10.1.0.1',
      labels: { version: 'v1', 'pod-template-hash': '5d8', 'istio-locality': 'r.z' },
    });
    const { endpoints } = compiled([SELECTING, { ...one, metadata: { ...one.metadata, ownerReferences: [owner] } }]);
    expect(endpoints).toMatchObject([{ labels: { workload: 'web', version: 'v1' }, locality: 'r/z' }]);
  });

  test('follows the labels of the pods in subsets', () => {
    const rule = {
      apiVersion: NETWORKING,
      kind: 'DestinationRule',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { host: 'web.example.com', subsets: [{ name: 'v2', labels: { version: 'v2' } }] },
    };
    const pods = ['v1', 'v2'].map((version, index) => pod(version, { ip: `10.1.0.${index}`, labels: { version } }));
    const { table } = compileObjects([SELECTING, rule, ...pods], {
      role: 'sidecar',
      caller: { namespace: 'shop' },
      strict: false,
    });
    expect(table.endpoints['outbound|80|v2|web.example.com']?.endpoints).toMatchObject([{ address: '10.1.0.1:8080' }]);
  });
});

test('sockets are left out by name, and the other endpoints stay', () => {
  const socket = { apiVersion: NETWORKING, kind: 'WorkloadEntry', metadata: { name: 'vm', namespace: 'shop' } };
  const { addresses, issues } = compiled([
    entry({ endpoints: [{ address: 'unix:///run/web.sock' }, { address: '10.1.0.1' }] }),
    { ...socket, spec: { address: 'unix:///run/vm.sock' } },
  ]);
  expect(addresses).toEqual(['10.1.0.1:8080']);
  expect(issues).toMatchObject([
    { level: 'warning', code: 'SL0302', kind: 'ServiceEntry', name: 'web', path: 'spec.endpoints[0].address' },
    { level: 'warning', code: 'SL0302', kind: 'WorkloadEntry', name: 'vm', path: 'spec.address' },
  ]);
});
