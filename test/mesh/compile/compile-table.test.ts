import { describe, expect, test } from 'vitest';
import { compileTable } from '../../../src/mesh/compile/compile-table.ts';
import type { MeshService, ServiceEndpoint } from '../../../src/mesh/compile/mesh-input.ts';
import { type PortProtocol, portProtocol } from '../../../src/mesh/compile/port-protocol.ts';
import { type DestinationRule, parseDestinationRule } from '../../../src/mesh/schema/destination-rule.ts';
import { parseVirtualService, type VirtualService } from '../../../src/mesh/schema/virtual-service.ts';
import type { Route } from '../../../src/mesh/table/route-table.ts';

type Spec = Record<string, unknown>;

function virtualService(spec: Spec, metadata: Spec = {}): VirtualService {
  const parsed = parseVirtualService({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace: 'default', ...metadata },
    spec: { hosts: ['web'], ...spec },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

function destinationRule(spec: Spec): DestinationRule {
  const parsed = parseDestinationRule({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace: 'default' },
    spec: { host: 'web', ...spec },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

const endpoint = (address: string, labels: Record<string, string> = {}, ready = true): ServiceEndpoint => ({
  address,
  ready,
  labels,
  workload: {
    workload: 'web',
    namespace: 'default',
    app: 'web',
    version: 'v1',
    canonicalService: 'web',
    canonicalRevision: 'v1',
  },
});

const service = (
  name: string,
  { namespace = 'default', ports = [80], endpoints = [] as ServiceEndpoint[], protocol = 'http' as PortProtocol } = {},
): MeshService => ({
  host: `${name}.${namespace}.svc.cluster.local`,
  name,
  namespace,
  ports: ports.map((number) => ({ number, name: `http-${number}`, protocol, endpoints })),
});

const toWeb = { route: [{ destination: { host: 'web' } }] };
const WEB = 'web.default.svc.cluster.local:80';

function compile(
  services: MeshService[],
  virtualServices: VirtualService[] = [],
  destinationRules: DestinationRule[] = [],
) {
  return compileTable({ services, virtualServices, destinationRules });
}

function routesOf(http: Spec[]): readonly Route[] {
  return compile([service('web'), service('other')], [virtualService({ http })]).table.virtualHosts[WEB]?.routes ?? [];
}

describe('the names of a service', () => {
  const domainsOf = (services: MeshService[], name: string) => compile(services).table.virtualHosts[name]?.domains;

  test('in namespace default are all of Kubernetes, and those of localhost', () => {
    expect(domainsOf([service('web')], WEB)).toEqual([
      'web.default.svc.cluster.local',
      'web.default.svc.cluster.local.',
      'web.default.svc',
      'web.default',
      'web.default.localhost',
      'web',
      'web.localhost',
    ]);
  });

  test('elsewhere include the bare name only if nobody else has it', () => {
    const shop = service('web', { namespace: 'shop' });
    expect(domainsOf([shop], 'web.shop.svc.cluster.local:80')).toContain('web');
    expect(domainsOf([shop, service('web')], 'web.shop.svc.cluster.local:80')).not.toContain('web');
    expect(domainsOf([shop, service('web')], WEB)).toContain('web');
  });

  test('carry the port from the second HTTP port on', () => {
    const web = service('web', { ports: [80, 9090] });
    expect(domainsOf([web], WEB)).toContain('web');
    expect(domainsOf([web], 'web.default.svc.cluster.local:9090')).toContain('web:9090');
  });

  test('do not exist for ports that are no HTTP', () => {
    expect(compile([service('db', { protocol: 'tcp' })]).table).toEqual({
      virtualHosts: {},
      clusters: {},
      endpoints: {},
    });
  });
});

describe('the action of a rule', () => {
  test('without a VirtualService is the service, with the two retries of Istio', () => {
    expect(compile([service('web')]).table.virtualHosts[WEB]?.routes).toEqual([
      {
        name: 'default',
        action: {
          kind: 'forward',
          clusters: [{ cluster: 'outbound|80||web.default.svc.cluster.local', weight: 100 }],
          mirrors: [],
        },
        retry: {
          attempts: 2,
          on: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', 'retriable-status-codes'],
        },
      },
    ]);
  });

  test.each<[string, Spec, Partial<Route>]>([
    [
      'keeps weights and drops zero ones',
      {
        route: [
          { destination: { host: 'web' }, weight: 90 },
          { destination: { host: 'other' }, weight: 10 },
          { destination: { host: 'web' }, weight: 0 },
        ],
      },
      {
        action: {
          kind: 'forward',
          mirrors: [],
          clusters: [
            { cluster: 'outbound|80||web.default.svc.cluster.local', weight: 90 },
            { cluster: 'outbound|80||other.default.svc.cluster.local', weight: 10 },
          ],
        },
      },
    ],
    [
      'gives a single destination everything',
      { route: [{ destination: { host: 'web' }, weight: 0 }] },
      {
        action: {
          kind: 'forward',
          mirrors: [],
          clusters: [{ cluster: 'outbound|80||web.default.svc.cluster.local', weight: 100 }],
        },
      },
    ],
    ['has a timeout in milliseconds', { ...toWeb, timeout: '2.5s' }, { timeoutMs: 2_500 }],
    [
      'has retries with their conditions',
      { ...toWeb, retries: { attempts: 3, perTryTimeout: '2s', retryOn: '5xx,503' } },
      {
        retry: { attempts: 3, perTryTimeoutMs: 2_000, on: ['5xx', '503'] },
      },
    ],
    ['has no retries with attempts 0', { ...toWeb, retries: { attempts: 0 } }, { retry: { attempts: 0, on: [] } }],
    [
      'applies headers of a single destination after its own',
      {
        headers: {
          request: { set: { 'X-A': 'rule', 'x-b': 'rule' }, remove: ['X-C'] },
          response: { add: { 'x-d': '100%%' } },
        },
        route: [{ destination: { host: 'web' }, headers: { request: { set: { 'x-a': 'destination' } } } }],
      },
      {
        requestHeaders: { set: { 'x-a': 'destination', 'x-b': 'rule' }, remove: ['x-c'] },
        responseHeaders: { add: { 'x-d': '100%%' } },
      },
    ],
    [
      'answers directly',
      { directResponse: { status: 418, body: { string: 'teapot' } } },
      {
        action: { kind: 'directResponse', status: 418, body: 'teapot' },
      },
    ],
    [
      'answers directly with bytes',
      { directResponse: { status: 200, body: { bytes: 'aGk=' } } },
      {
        action: { kind: 'directResponse', status: 200, body: 'hi' },
      },
    ],
  ])('%s', (_sentence, rule, expected) => {
    expect(routesOf([rule])[0]).toMatchObject(expected);
  });

  test.each<[string, Spec, number | undefined]>([
    ['everything without a percentage', {}, 100],
    ['a fraction', { mirrorPercentage: { value: 0.5 } }, 0.5],
    ['nothing with an empty percentage', { mirrorPercentage: {} }, undefined],
    ['the old field', { mirrorPercent: 10 }, 10],
    ['the oldest field', { mirror_percent: 20 }, 20],
  ])('mirrors %s', (_sentence, fields, percent) => {
    const [route] = routesOf([{ ...toWeb, mirror: { host: 'other' }, ...fields }]);
    const mirrors = route?.action.kind === 'forward' ? route.action.mirrors : [];
    expect(mirrors.map((mirror) => mirror.percent)).toEqual(percent === undefined ? [] : [percent]);
  });
});

describe('the rules of a VirtualService', () => {
  test('become one route per match entry, named after rule and entry', () => {
    const routes = routesOf([
      {
        name: 'api',
        match: [{ name: 'one', uri: { prefix: '/1' } }, { headers: { 'X-User': { exact: 'a' } } }],
        ...toWeb,
      },
      toWeb,
    ]);
    expect(routes.map(({ name, match }) => [name, match])).toEqual([
      ['api.one', { uri: { kind: 'prefix', value: '/1' } }],
      ['api', { headers: { 'x-user': { kind: 'exact', value: 'a' } } }],
      ['default', undefined],
    ]);
  });

  test('for another port or other gateways disappear, and with all of them the VirtualService', () => {
    const [route] = routesOf([{ match: [{ port: 81 }], directResponse: { status: 418 } }]);
    expect(route?.action.kind).toBe('forward');
    const [other] = routesOf([{ match: [{ gateways: ['edge'] }], directResponse: { status: 418 } }]);
    expect(other?.action.kind).toBe('forward');
  });
});

describe('the most specific and oldest VirtualService', () => {
  const answering = (status: number, hosts: string[], metadata: Spec) =>
    virtualService({ hosts, http: [{ directResponse: { status } }] }, metadata);
  const statusOf = (...virtualServices: VirtualService[]) => {
    const { table, issues } = compile([service('web')], virtualServices);
    const action = table.virtualHosts[WEB]?.routes[0]?.action;
    return {
      status: action?.kind === 'directResponse' ? action.status : undefined,
      codes: issues.map(({ code }) => code),
    };
  };

  test('governs alone; the younger one is reported', () => {
    const old = answering(201, ['web'], { name: 'old', creationTimestamp: '2026-01-01T00:00:00Z' });
    const young = answering(202, ['web'], { name: 'a-young', creationTimestamp: '2026-02-01T00:00:00Z' });
    expect(statusOf(young, old)).toEqual({ status: 201, codes: ['SL0304'] });
  });

  test('is the exact one before a wildcard, whatever their age', () => {
    const wild = answering(201, ['*.default.svc.cluster.local'], {
      name: 'wild',
      creationTimestamp: '2026-01-01T00:00:00Z',
    });
    const exact = answering(202, ['web'], { name: 'exact', creationTimestamp: '2026-02-01T00:00:00Z' });
    expect(statusOf(wild, exact).status).toBe(202);
    expect(statusOf(wild).status).toBe(201);
  });

  test('is not one for gateways only', () => {
    expect(statusOf(virtualService({ gateways: ['edge'], http: [{ directResponse: { status: 201 } }] }))).toEqual({
      status: undefined,
      codes: ['SL0302'],
    });
  });
});

test('a host that only a VirtualService knows is served, with the only port of its destination', () => {
  const { table, issues } = compile(
    [service('web', { ports: [8080] })],
    [virtualService({ hosts: ['shop.example.com'], http: [toWeb] })],
  );
  expect(table.virtualHosts['shop.example.com:80']).toMatchObject({
    domains: ['shop.example.com'],
    routes: [{ action: { clusters: [{ cluster: 'outbound|8080||web.default.svc.cluster.local' }] } }],
  });
  expect(issues).toEqual([]);
});

describe('the clusters of a service', () => {
  const endpoints = [
    endpoint('10.0.0.2:80', { v: '2' }),
    endpoint('10.0.0.1:80', { v: '1' }),
    endpoint('10.0.0.3:80', { v: '1' }, false),
  ];
  const { table } = compile(
    [service('web', { endpoints })],
    [],
    [
      destinationRule({
        trafficPolicy: { loadBalancer: { simple: 'ROUND_ROBIN' }, connectionPool: { tcp: { connectTimeout: '30ms' } } },
        subsets: [
          { name: 'v1', labels: { v: '1' } },
          { name: 'all', trafficPolicy: { loadBalancer: { simple: 'LEAST_CONN' } } },
        ],
      }),
    ],
  );
  const addresses = (subset: string) =>
    table.endpoints[`outbound|80|${subset}|web.default.svc.cluster.local`]?.endpoints.map(({ address }) => address);

  test('have the ready endpoints with the labels of the subset, in order', () => {
    expect(addresses('')).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
    expect(addresses('v1')).toEqual(['10.0.0.1:80']);
    expect(addresses('all')).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
  });

  test('overlay the policy of the subset block by block', () => {
    const cluster = (subset: string) => table.clusters[`outbound|80|${subset}|web.default.svc.cluster.local`];
    expect(cluster('v1')).toMatchObject({ loadBalancer: 'ROUND_ROBIN', connectTimeoutMs: 30 });
    expect(cluster('all')).toMatchObject({ loadBalancer: 'LEAST_REQUEST', connectTimeoutMs: 30 });
  });

  test('fall back to defaults for blocks that a port entry leaves out', () => {
    const rule = destinationRule({
      trafficPolicy: {
        loadBalancer: { simple: 'RANDOM' },
        connectionPool: { tcp: { connectTimeout: '30ms' } },
        portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: 'ROUND_ROBIN' } }],
      },
    });
    expect(Object.values(compile([service('web')], [], [rule]).table.clusters)).toMatchObject([
      { loadBalancer: 'ROUND_ROBIN', connectTimeoutMs: 10_000 },
    ]);
  });
});

describe('what the proxy does not serve', () => {
  test.each<[string, Spec]>([['spec.http[0].match[0]', { ...toWeb, match: [{ sourceLabels: { app: 'x' } }] }]])(
    'is reported once, with its place: %s',
    (path, rule) => {
      const { issues } = compile([service('web', { ports: [80, 81] })], [virtualService({ http: [rule] })]);
      expect(issues).toMatchObject([{ level: 'warning', code: 'SL0302', kind: 'VirtualService', name: 'web', path }]);
    },
  );

  test('of a DestinationRule is reported too', () => {
    const rule = destinationRule({ trafficPolicy: { tls: { mode: 'SIMPLE' } } });
    expect(compile([service('web')], [], [rule]).issues).toMatchObject([{ path: 'spec.trafficPolicy.tls' }]);
  });

  test('an unknown destination and an unreachable rule are reported', () => {
    const lost = { route: [{ destination: { host: 'nobody' } }] };
    const { issues } = compile([service('web')], [virtualService({ http: [lost, toWeb] })]);
    expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'SL0303 spec.http[0].route[0].destination',
      'SL0306 spec.http[1]',
    ]);
  });
});

test('the order of the input changes nothing', () => {
  const services = [service('b'), service('a', { endpoints: [endpoint('1'), endpoint('2')] })];
  const rules = [
    virtualService({ hosts: ['a'], http: [toWeb] }, { name: 'x' }),
    virtualService({ hosts: ['b'], http: [toWeb] }, { name: 'y' }),
  ];
  expect(JSON.stringify(compile(services.toReversed(), rules.toReversed()).table)).toBe(
    JSON.stringify(compile(services, rules).table),
  );
});

test.each<[string, Parameters<typeof portProtocol>[0], PortProtocol]>([
  ['appProtocol comes first', { number: 1, name: 'http', appProtocol: 'TCP' }, 'tcp'],
  ['the name counts up to its dash', { number: 1, name: 'grpc-api' }, 'http2'],
  ['grpc-web is one word', { number: 1, name: 'grpc-web-x' }, 'http2'],
  ['h2c is HTTP/2', { number: 1, appProtocol: 'kubernetes.io/h2c' }, 'http2'],
  ['nothing declared is HTTP', { number: 8080 }, 'http'],
  ['nothing declared on a port where servers speak first is TCP', { number: 3306 }, 'tcp'],
  ['UDP is UDP', { number: 53, name: 'http', protocol: 'UDP' }, 'udp'],
])('protocol of a port: %s', (_sentence, port, expected) => {
  expect(portProtocol(port)).toBe(expected);
});

test('a port of HTTP/2 is noticed, and has no endpoints until it can be spoken', () => {
  const { table, issues } = compile([service('web', { protocol: 'http2', endpoints: [endpoint('127.0.0.1:1')] })]);
  expect(table.endpoints['outbound|80||web.default.svc.cluster.local']).toMatchObject({ endpoints: [] });
  expect(issues).toMatchObject([{ code: 'SL0302', kind: 'Service', name: 'web', path: 'spec.ports[0]' }]);
});
