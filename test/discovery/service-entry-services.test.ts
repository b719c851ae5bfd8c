import { describe, expect, test } from 'vitest';
import { serviceEntryServices } from '../../src/discovery/service-entry-services.ts';
import { parseServiceEntry } from '../../src/mesh/schema/service-entry.ts';
import { parseWorkloadEntry, type WorkloadEntry } from '../../src/mesh/schema/workload-entry.ts';

const DNS: Record<string, string[]> = {
  'a.example.com': ['10.0.0.1', '10.0.0.2'],
  'b.example.com': ['10.0.0.2', '10.0.0.3'],
  'six.example.com': ['2001:db8::1'],
};

type Metadata = { name?: string; namespace?: string; labels?: Record<string, string> };

function object(kind: string, spec: object, { name = 'tested', ...rest }: Metadata = {}) {
  return { apiVersion: 'networking.istio.io/v1', kind, metadata: { name, namespace: 'shop', ...rest }, spec };
}

function workload(spec: object, metadata: Metadata = {}): WorkloadEntry {
  const parsed = parseWorkloadEntry(object('WorkloadEntry', spec, metadata));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

const PORTS = [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 8080 }];

/** The addresses of the first port of the first host. */
function addresses(spec: object, workloads: WorkloadEntry[] = []): string[] {
  const parsed = parseServiceEntry(object('ServiceEntry', { hosts: ['a.example.com'], ports: PORTS, ...spec }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  const [service] = serviceEntryServices(parsed.value, {
    workloads,
    lookup: (name) => DNS[name] ?? [],
    podsAt: () => [],
  });
  return (service?.ports[0]?.endpoints ?? []).map(({ address }) => address);
}

describe('an entry is reached', () => {
  test.each<{ what: string; spec: object; at: string[] }>([
    {
      what: 'at its endpoints',
      spec: { resolution: 'STATIC', endpoints: [{ address: '10.1.0.1' }, { address: '10.1.0.2' }] },
      at: ['10.1.0.1:8080', '10.1.0.2:8080'],
    },
    {
      what: "at the endpoint's own port",
      spec: { resolution: 'STATIC', endpoints: [{ address: '10.1.0.1', ports: { http: 15443 } }] },
      at: ['10.1.0.1:15443'],
    },
    {
      what: 'at its number without another port',
      spec: { resolution: 'STATIC', ports: [{ number: 80, name: 'http' }], endpoints: [{ address: '::1' }] },
      at: ['[::1]:80'],
    },
    {
      what: 'nowhere when it is static and names no endpoints',
      spec: { resolution: 'STATIC', addresses: ['10.2.0.1', '10.3.0.0/16'] },
      at: [],
    },
    { what: 'at every address of its host', spec: { resolution: 'DNS' }, at: ['10.0.0.1:8080', '10.0.0.2:8080'] },
    {
      what: 'at every address of its endpoints, each once',
      spec: { resolution: 'DNS', endpoints: [{ address: 'a.example.com' }, { address: 'b.example.com' }] },
      at: ['10.0.0.1:8080', '10.0.0.2:8080', '10.0.0.3:8080'],
    },
    {
      what: 'at an address under DNS',
      spec: { resolution: 'DNS', endpoints: [{ address: '203.0.113.1' }] },
      at: ['203.0.113.1:8080'],
    },
    {
      what: 'at an address of the newer family',
      spec: { resolution: 'DNS', endpoints: [{ address: 'six.example.com' }] },
      at: ['[2001:db8::1]:8080'],
    },
    { what: 'at the first address with round robin', spec: { resolution: 'DNS_ROUND_ROBIN' }, at: ['10.0.0.1:8080'] },
    {
      what: 'nowhere while a name is unknown',
      spec: { resolution: 'DNS', endpoints: [{ address: 'nobody.example.com' }] },
      at: [],
    },
    {
      what: 'at the addresses of its host with NONE',
      spec: { resolution: 'NONE' },
      at: ['10.0.0.1:8080', '10.0.0.2:8080'],
    },
    { what: 'at its own addresses with NONE', spec: { addresses: ['10.2.0.1'] }, at: ['10.2.0.1:8080'] },
    { what: 'nowhere as a wildcard with NONE', spec: { hosts: ['*.example.com'] }, at: [] },
    {
      what: 'nowhere as a wildcard that each request resolves',
      spec: { hosts: ['*.example.com'], resolution: 'DYNAMIC_DNS' },
      at: [],
    },
    {
      what: 'nowhere at a socket in the file system',
      spec: { resolution: 'STATIC', endpoints: [{ address: 'unix:///tmp/a' }] },
      at: [],
    },
  ])('$what', ({ spec, at }) => {
    expect(addresses(spec)).toEqual(at);
  });
});

describe('a selector', () => {
  const workloads = [
    workload({ address: '10.1.0.1', labels: { app: 'cart' } }, { name: 'one' }),
    workload({ address: '10.1.0.2', ports: { http: 9000 } }, { name: 'two', labels: { app: 'cart' } }),
    workload({ address: '10.1.0.3', labels: { app: 'pay' } }, { name: 'three' }),
    workload({ address: '10.1.0.4', labels: { app: 'cart' } }, { name: 'four', namespace: 'other' }),
    workload({ address: 'a.example.com', labels: { app: 'named' } }, { name: 'five' }),
  ];
  test.each<{ what: string; labels: Record<string, string>; resolution: string; at: string[] }>([
    {
      what: 'takes workloads of its namespace by their labels',
      labels: { app: 'cart' },
      resolution: 'STATIC',
      at: ['10.1.0.1:8080', '10.1.0.2:9000'],
    },
    {
      what: 'takes workloads by name under DNS',
      labels: { app: 'named' },
      resolution: 'DNS',
      at: ['10.0.0.1:8080', '10.0.0.2:8080'],
    },
    { what: 'without labels takes none', labels: {}, resolution: 'STATIC', at: [] },
    { what: 'that nobody fits takes none', labels: { app: 'mail' }, resolution: 'STATIC', at: [] },
  ])('$what', ({ labels, resolution, at }) => {
    expect(addresses({ resolution, workloadSelector: { labels } }, workloads)).toEqual(at);
  });
});

test('an endpoint brings labels, locality and weight', () => {
  const endpoints = [{ address: '10.1.0.1', labels: { app: 'cart', version: 'v2' }, locality: 'eu/a', weight: 3 }];
  const spec = { hosts: ['a.example.com'], ports: PORTS, resolution: 'STATIC', endpoints };
  const parsed = parseServiceEntry(object('ServiceEntry', spec));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  const [service] = serviceEntryServices(parsed.value, { workloads: [], lookup: () => [], podsAt: () => [] });
  expect(service?.ports[0]?.endpoints).toMatchObject([
    {
      labels: { app: 'cart', version: 'v2' },
      locality: 'eu/a',
      weight: 3,
      workload: { workload: 'cart', version: 'v2' },
    },
  ]);
});
