import { describe, expect, test } from 'vitest';
import { type EndpointPlace, endpointAddress, isProcessNode } from '../../src/discovery/endpoint-address.ts';
import { unknownWorkload, workloadLabels } from '../../src/discovery/workload-labels.ts';
import type { KubeObject } from '../../src/lib/resource.ts';

const pod = (annotations?: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'default', ...(annotations && { annotations }) },
});
const listen = (value: string) => pod({ 'platform.sluice.dev/listen': value });
const place = (change: Partial<EndpointPlace>): EndpointPlace => ({
  ip: '10.244.0.7',
  port: 8080,
  pod: pod(),
  isProcessNode: false,
  ...change,
});

describe('the address of an endpoint', () => {
  test.each<[string, Partial<EndpointPlace>, string | undefined]>([
    ['is the announced one of a local process', { pod: listen('{"8080":"127.0.0.1:41234"}') }, '127.0.0.1:41234'],
    ['is announced per container port', { port: 9090, pod: listen('{"8080":"127.0.0.1:41234"}') }, undefined],
    ['is not known while the pod is not', { pod: 'unknown' }, undefined],
    ['is not known on a process node before it is announced', { isProcessNode: true }, undefined],
    ['is its own on an ordinary node', {}, '10.244.0.7:8080'],
    ['is its own without a pod', { pod: 'none' }, '10.244.0.7:8080'],
    ['has brackets around IPv6', { ip: 'fd00::7' }, '[fd00::7]:8080'],
    ['is not known when the announcement is no JSON', { pod: listen('127.0.0.1') }, undefined],
    ['is not known when the announcement is null', { pod: listen('null') }, undefined],
    ['is not known when the announcement has no port', { pod: listen('{"8080":"127.0.0.1"}') }, undefined],
    ['is not known when the announcement is no text', { pod: listen('{"8080":41234}') }, undefined],
  ])('%s', (_sentence, change, expected) => {
    expect(endpointAddress(place(change))).toBe(expected);
  });

  test('a node with a label of the platform runs processes, an unknown one does not', () => {
    const node = (labels: Record<string, string>): KubeObject => ({
      ...pod(),
      kind: 'Node',
      metadata: { name: 'n', labels },
    });
    expect(isProcessNode(node({ 'platform.sluice.dev/runtime': 'process' }))).toBe(true);
    expect(isProcessNode(node({ 'kubernetes.io/os': 'linux' }))).toBe(false);
    expect(isProcessNode(undefined)).toBe(false);
  });
});

describe('the workload of a pod', () => {
  const ownedBy = (kind: string, name: string) => [{ apiVersion: 'apps/v1', kind, name, uid: 'u', controller: true }];
  const web = (labels: Record<string, string>): KubeObject => ({
    ...pod(),
    metadata: { name: 'web-abc-1', namespace: 'shop', labels, ownerReferences: ownedBy('ReplicaSet', 'web-abc') },
  });

  test('is the Deployment that owns its ReplicaSet', () => {
    const replicaSet = { ...pod(), metadata: { name: 'web-abc', ownerReferences: ownedBy('Deployment', 'web') } };
    expect(workloadLabels(web({ app: 'shop', version: 'v2' }), replicaSet)).toEqual({
      workload: 'web',
      namespace: 'shop',
      app: 'shop',
      version: 'v2',
      canonicalService: 'shop',
      canonicalRevision: 'v2',
    });
  });

  test('is guessed from the template hash while the ReplicaSet is unknown', () => {
    expect(workloadLabels(web({ 'pod-template-hash': 'abc' }), undefined).workload).toBe('web');
    expect(workloadLabels(web({}), undefined).workload).toBe('web-abc');
  });

  test('is the owner of another kind, else the pod itself', () => {
    const daemon = { ...pod(), metadata: { name: 'd-1', ownerReferences: ownedBy('DaemonSet', 'd') } };
    expect(workloadLabels(daemon, undefined)).toMatchObject({
      workload: 'd',
      app: 'unknown',
      canonicalRevision: 'latest',
    });
    expect(workloadLabels(pod(), undefined).workload).toBe('web-1');
    expect(unknownWorkload('default', 'web')).toMatchObject({ workload: 'unknown', canonicalService: 'web' });
  });
});
