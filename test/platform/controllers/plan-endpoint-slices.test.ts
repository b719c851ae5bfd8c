import { describe, expect, test } from 'vitest';
import type { EndpointSlice, Service } from '../../../src/platform/controllers/endpoint-objects.ts';
import { hasManagedSlices, planEndpointSlices } from '../../../src/platform/controllers/plan-endpoint-slices.ts';
import { pod } from './builders.ts';

const service = (spec: Partial<Service['spec']> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', uid: 'uid-web' },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
});

const ports = [{ name: 'http', containerPort: 8080 }];
const web = (name: string, ip: string, more: Parameters<typeof pod>[1] = {}) => pod(name, { ip, ports, ...more });

/** The slices that the plan leads to, as a server would store them. */
function stored(plan: ReturnType<typeof planEndpointSlices>): EndpointSlice[] {
  return plan.create.map((slice, index) => ({
    ...slice,
    metadata: { ...slice.metadata, name: `web-${index}`, uid: `uid-${index}`, resourceVersion: '1' },
  }));
}

const planned = (of: Service, pods: ReturnType<typeof pod>[], slices: EndpointSlice[] = []) =>
  planEndpointSlices({ service: of, pods, slices });

describe('planEndpointSlices()', () => {
  test('makes a slice with address, conditions, target and the resolved port', () => {
    const [slice] = planned(service(), [
      web('a', '10.244.0.1'),
      pod('other', { labels: { app: 'x' }, ip: '10.244.0.9' }),
    ]).create;
    expect(slice).toMatchObject({
      metadata: {
        generateName: 'web-',
        labels: { 'kubernetes.io/service-name': 'web' },
        ownerReferences: [{ kind: 'Service' }],
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: [
        {
          addresses: ['10.244.0.1'],
          conditions: { ready: true, serving: true, terminating: false },
          targetRef: { kind: 'Pod', namespace: 'shop', name: 'a', uid: 'uid-a' },
          nodeName: 'here',
        },
      ],
    });
  });

  const deletionTimestamp = '2026-01-01T00:00:00Z';
  const cases: Record<string, { of?: Service; pod: ReturnType<typeof pod>; is: object | undefined }> = {
    'a pod that is not ready': {
      pod: web('a', '10.244.0.1', { ready: false }),
      is: { ready: false, serving: false, terminating: false },
    },
    'a pod that is not ready, of a Service that publishes such': {
      of: service({ publishNotReadyAddresses: true }),
      pod: web('a', '10.244.0.1', { ready: false }),
      is: { ready: true, serving: false, terminating: false },
    },
    'a pod that is going away but still serves': {
      pod: web('a', '10.244.0.1', { deletionTimestamp }),
      is: { ready: false, serving: true, terminating: true },
    },
    'a pod without an address': { pod: pod('a', { ports }), is: undefined },
    'a pod that has ended': { pod: web('a', '10.244.0.1', { phase: 'Failed' }), is: undefined },
  };
  test.each(Object.entries(cases))('says of %s what it is', (_name, { of = service(), pod: one, is }) => {
    const [slice] = planned(of, [one]).create;
    expect(slice?.endpoints?.[0]?.conditions).toEqual(is);
  });

  test('writes nothing when nothing changed, whatever the order of pods', () => {
    const pods = [web('a', '10.244.0.1'), web('b', '10.244.0.2')];
    const slices = stored(planned(service(), pods));
    expect(planned(service(), [...pods].reverse(), slices)).toEqual({ create: [], update: [], delete: [] });
  });

  test('changes the one slice when a pod joins, and keeps the others in their places', () => {
    const slices = stored(planned(service(), [web('a', '10.244.0.1')]));
    const { create, update } = planned(service(), [web('b', '10.244.0.2'), web('a', '10.244.0.1')], slices);
    expect(create).toEqual([]);
    expect(update.map(({ endpoints }) => endpoints?.map(({ addresses }) => addresses[0]))).toEqual([
      ['10.244.0.1', '10.244.0.2'],
    ]);
  });

  test('splits pods whose named port has different numbers', () => {
    const other = pod('b', { ip: '10.244.0.2', ports: [{ name: 'http', containerPort: 9090 }] });
    const { create } = planned(service(), [web('a', '10.244.0.1'), other]);
    expect(create.map((slice) => slice.ports?.[0]?.port)).toEqual([8080, 9090]);
  });

  test('puts at most 100 endpoints into a slice', () => {
    const pods = Array.from({ length: 201 }, (_, index) => web(`p${index}`, `10.244.1.${index}`));
    expect(planned(service(), pods).create.map(({ endpoints }) => endpoints?.length)).toEqual([100, 100, 1]);
  });

  test('keeps one empty slice when the last pod is gone, and reuses it', () => {
    const slices = stored(planned(service(), [web('a', '10.244.0.1')]));
    const emptied = planned(service(), [], slices);
    expect(emptied).toMatchObject({ create: [], update: [{ endpoints: [], ports: [] }], delete: [] });
    const nulled = slices.map((slice) => ({ ...slice, endpoints: null, ports: null }));
    expect(planned(service(), [], nulled)).toEqual({ create: [], update: [], delete: [] });
    expect(planned(service(), [web('b', '10.244.0.2')], nulled)).toMatchObject({
      create: [],
      update: [{ ports: [{ port: 8080 }] }],
    });
  });
});

describe('hasManagedSlices()', () => {
  const cases: Record<string, [Service, boolean]> = {
    'a Service with a selector': [service(), true],
    'a Service with an empty selector': [service({ selector: {} }), false],
    'an ExternalName Service': [service({ type: 'ExternalName' }), false],
  };
  test.each(Object.entries(cases))('of %s', (_name, [of, is]) => expect(hasManagedSlices(of)).toBe(is));
});
