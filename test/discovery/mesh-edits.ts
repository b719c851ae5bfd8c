/** Arbitrary edits of a small mesh: few names, so that resources often speak about each other, take precedence and are in each other's way. */

import fc from 'fast-check';
import type { KubeObject } from '../../src/lib/resource.ts';

/** Puts an object in place of the one of its kind, namespace and name, or takes that one away. */
export type Edit = { object: KubeObject; isRemoved: boolean };

const NAMESPACES = ['default', 'shop'];
const HOSTS = ['web', 'api', 'web.default.svc.cluster.local', 'a.example.com', '*.example.com'];
const SUBSETS = ['v1', 'v2'];

const from = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const exportTo = seldom(from(['*'], ['.'], ['shop']));
const labels = from<Record<string, string>>({ version: 'v1' }, { version: 'v2' }, {});
const host = from(...HOSTS);
const hosts = fc.uniqueArray(host, { minLength: 1, maxLength: 2 });

const destination = fc.record({
  host,
  subset: optional(from(...SUBSETS)),
  port: optional(from({ number: 80 }, { number: 8080 })),
});
const match = fc.record({
  uri: optional(from({ prefix: '/' }, { exact: '/a' }, { prefix: '/b' })),
  port: optional(from(80, 8080)),
  gateways: seldom(from(['mesh'], ['gate'], ['shop/gate'])),
  sourceLabels: seldom(from({ app: 'client' }, { app: 'other' })),
});
const target = fc.oneof(
  fc.record({ route: fc.tuple(fc.record({ destination })), mirror: optional(destination) }),
  from<object>({ redirect: { uri: '/there' } }, { directResponse: { status: 200 } }),
);
const rule = fc
  .record({ match: optional(fc.array(match, { minLength: 1, maxLength: 2 })), does: target })
  .map(({ does, ...rest }) => ({
    ...rest,
    ...does,
  }));
const delegating = fc.record({
  match: optional(from([{ uri: { prefix: '/b' } }])),
  delegate: fc.record({ name: from('leaf', 'other'), namespace: optional(from(...NAMESPACES)) }),
});
const gateways = seldom(from(['mesh'], ['gate'], ['shop/gate', 'mesh']));
const root = fc.record({
  hosts,
  gateways,
  exportTo,
  http: fc.array(fc.oneof(rule, delegating), { minLength: 1, maxLength: 3 }),
});
const leaf = fc.record({ exportTo, http: fc.array(rule, { minLength: 1, maxLength: 2 }) });

const trafficPolicy = optional(
  from<object>(
    { loadBalancer: { simple: 'RANDOM' } },
    { outlierDetection: { consecutiveErrors: 3 } },
    { connectionPool: { http: { http1MaxPendingRequests: 1 } } },
  ),
);
const destinationRule = fc.record({
  host,
  exportTo,
  trafficPolicy,
  subsets: optional(
    fc
      .uniqueArray(from(...SUBSETS), { maxLength: 2 })
      .map((names) => names.map((name) => ({ name, labels: { version: name } }))),
  ),
  workloadSelector: seldom(from({ matchLabels: { app: 'client' } })),
});
const ports = from(
  [{ number: 80, name: 'http', protocol: 'HTTP' }],
  [
    { number: 80, name: 'http', protocol: 'HTTP' },
    { number: 8080, name: 'http-more', protocol: 'HTTP' },
  ],
  [{ number: 80, name: 'grpc', protocol: 'GRPC' }],
);
const serviceEntry = fc.oneof(
  fc.record({
    hosts: from(['a.example.com'], ['b.example.com', 'web.shop.svc.cluster.local']),
    ports,
    exportTo,
    resolution: from('DNS'),
    endpoints: from([{ address: 'one.test' }], [{ address: 'two.test' }]),
  }),
  fc.record({
    hosts: from(['a.example.com']),
    ports,
    exportTo,
    resolution: from('STATIC'),
    workloadSelector: labels.map((selected) => ({ labels: selected })),
  }),
);
const workloadEntry = fc.record({ address: from('10.0.0.1', '10.0.0.2', 'one.test'), labels });
const sidecar = fc.record({
  egress: from<object[]>(
    [{ hosts: ['./*'] }],
    [{ hosts: ['*/*'] }],
    [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop/*'] }, { hosts: ['*/a.example.com'] }],
  ),
  outboundTrafficPolicy: optional(from({ mode: 'REGISTRY_ONLY' }, { mode: 'ALLOW_ANY' })),
});
const gateway = fc.record({
  selector: from<object>({ istio: 'gate' }, {}),
  servers: fc.array(
    fc.record({
      port: from({ number: 80, name: 'http', protocol: 'HTTP' }, { number: 8080, name: 'more', protocol: 'HTTP' }),
      hosts: from(['*'], ['*.example.com'], ['shop/*']),
      tls: seldom(from({ httpsRedirect: true })),
    }),
    { minLength: 1, maxLength: 2 },
  ),
});
const service = fc.record({
  selector: labels,
  ports: from(
    [{ name: 'http', port: 80 }],
    [
      { name: 'http', port: 80 },
      { name: 'http-more', port: 8080 },
    ],
    [{ name: 'tcp', port: 80 }],
  ),
  type: seldom(from('ExternalName')),
});
const slice = fc.record({
  endpoints: fc.uniqueArray(from('pod-1', 'pod-2'), { maxLength: 2 }).map((pods) =>
    pods.map((name) => ({
      addresses: [name === 'pod-1' ? '10.1.0.1' : '10.1.0.2'],
      nodeName: 'node',
      targetRef: { kind: 'Pod', name },
    })),
  ),
});
const meshConfig = fc.record({
  defaultServiceExportTo: optional(from(['.'], ['*'])),
  defaultVirtualServiceExportTo: optional(from(['.'], ['*'])),
  defaultHttpRetryPolicy: optional(from({ attempts: 1 })),
});

const ISTIO = 'networking.istio.io/v1';
const created = from('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z');

function object(
  apiVersion: string,
  kind: string,
  names: readonly string[],
  body: fc.Arbitrary<object>,
): fc.Arbitrary<KubeObject> {
  const metadata = fc.record({
    name: from(...names),
    namespace: from(...NAMESPACES),
    creationTimestamp: created,
    labels,
  });
  return fc
    .record({ metadata, body })
    .map(({ metadata: meta, body: own }) => ({ apiVersion, kind, metadata: meta, ...JSON.parse(JSON.stringify(own)) }));
}

const istio = (kind: string, names: readonly string[], spec: fc.Arbitrary<object>) =>
  object(ISTIO, kind, names, fc.record({ spec }));

const anyObject = fc.oneof(
  { weight: 6, arbitrary: istio('VirtualService', ['one', 'two', 'three'], root) },
  { weight: 2, arbitrary: istio('VirtualService', ['leaf', 'other'], leaf) },
  { weight: 4, arbitrary: istio('DestinationRule', ['one', 'two'], destinationRule) },
  { weight: 2, arbitrary: istio('ServiceEntry', ['one', 'two'], serviceEntry) },
  { weight: 2, arbitrary: istio('WorkloadEntry', ['one', 'two'], workloadEntry) },
  { weight: 1, arbitrary: istio('Sidecar', ['one'], sidecar) },
  { weight: 2, arbitrary: istio('Gateway', ['gate'], gateway) },
  { weight: 3, arbitrary: object('v1', 'Service', ['web', 'api'], fc.record({ spec: service })) },
  {
    weight: 3,
    arbitrary: object('discovery.k8s.io/v1', 'EndpointSlice', ['web', 'api'], slice).map((each) => ({
      ...each,
      ports: [{ name: 'http', port: 8080 }],
      metadata: { ...each.metadata, labels: { 'kubernetes.io/service-name': each.metadata.name } },
    })),
  },
  { weight: 2, arbitrary: object('v1', 'Pod', ['pod-1', 'pod-2'], fc.record({ spec: fc.constant({}) })) },
  {
    weight: 1,
    arbitrary: object('v1', 'Node', ['node'], fc.constant({})).map(
      ({ metadata: { namespace: _, ...metadata }, ...rest }) => ({
        ...rest,
        metadata: { ...metadata, labels: { 'topology.kubernetes.io/region': metadata.creationTimestamp ?? '' } },
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: object(
      'install.istio.io/v1alpha1',
      'IstioOperator',
      ['mesh'],
      fc.record({ spec: fc.record({ meshConfig }) }),
    ),
  },
);

export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({ object: anyObject, isRemoved: fc.nat(3).map((one) => one === 0) }),
  {
    minLength: 20,
    maxLength: 60,
  },
);
