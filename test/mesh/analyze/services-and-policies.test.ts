import { describe, expect, test } from 'vitest';
import { analysed, object } from '../../support/analysis.ts';

type Row = [sentence: string, yaml: string, expected: string[]];

describe('names of ports (IST0118, IST0150)', () => {
  const service = (port: object, spec: object = {}, metadata = {}) =>
    object('Service', 'web', { ports: [{ port: 80, ...port }], ...spec }, metadata);
  const unnamed = ['IST0118 Service web spec.ports[0]'];
  test.each<Row>([
    ['a protocol', service({ name: 'http' }), []],
    ['a protocol and a suffix', service({ name: 'grpc-web-x' }), []],
    ['upper case', service({ name: 'HTTP-x' }), []],
    ['a word that only begins like one', service({ name: 'httpx' }), unnamed],
    ['no name', service({}), unnamed],
    ['appProtocol instead of a name', service({ name: 'web', appProtocol: 'http' }), []],
    ['appProtocol against the name', service({ name: 'http', appProtocol: 'mine' }), unnamed],
    ['UDP', service({ name: 'dns', protocol: 'UDP' }), []],
    ['a namespace of the system', service({ name: 'x' }, {}, { namespace: 'kube-system' }), []],
    ["Istio's own control plane", service({ name: 'x' }, {}, { labels: { istio: 'pilot' } }), []],
    [
      'an external name with tcp',
      service({ name: 'tcp' }, { type: 'ExternalName' }),
      ['IST0150 Service web spec.ports[0]'],
    ],
    ['an external name with https', service({ name: 'https' }, { type: 'ExternalName' }), []],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0118', 'IST0150'], yaml)).toEqual(expected);
  });
});

describe('ServiceEntries (IST0134, IST0177)', () => {
  const entry = (name: string, port: object, more: object = {}) =>
    object('ServiceEntry', name, { hosts: ['a.com'], ports: [{ number: 443, ...port }], ...more });
  const both = ['IST0177 ServiceEntry a spec.ports[0]', 'IST0177 ServiceEntry b spec.ports[0]'];
  test.each<Row>([
    ['HTTPS needs no address', entry('a', { protocol: 'HTTPS' }), []],
    ['TCP does', entry('a', { protocol: 'TCP' }), ['IST0134 ServiceEntry a spec.ports[0]']],
    ['in small letters, too', entry('a', { protocol: 'tcp' }), ['IST0134 ServiceEntry a spec.ports[0]']],
    ['no protocol is TCP', entry('a', {}), ['IST0134 ServiceEntry a spec.ports[0]']],
    ['an address is enough', entry('a', { protocol: 'TCP' }, { addresses: ['10.0.0.1'] }), []],
    [
      'one host and port with two protocols',
      entry('a', { protocol: 'HTTPS' }) + entry('b', { protocol: 'HTTP' }),
      both,
    ],
    ['with one protocol', entry('a', { protocol: 'HTTPS' }) + entry('b', { protocol: 'https' }), []],
    ['on two ports', entry('a', { protocol: 'HTTPS' }) + entry('b', { protocol: 'HTTP', number: 80 }), []],
    [
      'exported to different namespaces',
      entry('a', { protocol: 'HTTPS' }, { exportTo: ['one'] }) +
        entry('b', { protocol: 'HTTP' }, { exportTo: ['two'] }),
      [],
    ],
    [
      'exported to all and to some',
      entry('a', { protocol: 'HTTPS' }, { exportTo: ['one'] }) + entry('b', { protocol: 'HTTP' }),
      both,
    ],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0134', 'IST0177'], yaml)).toEqual(expected);
  });
});

describe('DestinationRules (IST0128, IST0129, IST0173, IST0174)', () => {
  const web = object('Service', 'web', { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] });
  const pod = object('Pod', 'web-1', {}, { labels: { app: 'web', version: 'v1' } });
  const rule = (spec: object) => object('DestinationRule', 'dr', { host: 'web', ...spec });
  const tls = (settings: object, more: object = {}) => rule({ trafficPolicy: { tls: settings }, ...more });
  const port = (settings: object) =>
    rule({ trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, tls: settings }] } });
  const subset = (labels: object) => rule({ subsets: [{ name: 's', labels }] });
  const unchecked = ['IST0128 DestinationRule dr spec.trafficPolicy.tls'];
  test.each<Row>([
    ['TLS without certificate authority', tls({ mode: 'SIMPLE' }), unchecked],
    ['mutual TLS without', tls({ mode: 'MUTUAL' }), unchecked],
    ['TLS with one', tls({ mode: 'SIMPLE', caCertificates: '/ca' }), []],
    ["Istio's own TLS", tls({ mode: 'ISTIO_MUTUAL' }), []],
    ['a secret without selector', tls({ mode: 'SIMPLE', credentialName: 's' }), unchecked],
    [
      'a secret with selector',
      tls({ mode: 'SIMPLE', credentialName: 's' }, { workloadSelector: { matchLabels: {} } }),
      [],
    ],
    [
      'a port without',
      port({ mode: 'SIMPLE' }),
      ['IST0129 DestinationRule dr spec.trafficPolicy.portLevelSettings[0].tls'],
    ],
    ['a port with', port({ mode: 'SIMPLE', caCertificates: '/ca' }), []],
    ['a subset with pods', subset({ version: 'v1' }), []],
    ['a subset without', subset({ version: 'v2' }), ['IST0173 DestinationRule dr spec.subsets[0]']],
    ['a subset of all', subset({}), []],
    [
      'a subset that only pods of another service fit',
      subset({ version: 'v3' }) + object('Pod', 'x', {}, { labels: { version: 'v3' } }),
      ['IST0173 DestinationRule dr spec.subsets[0]'],
    ],
    ['an unknown host', rule({ host: 'gone' }), ['IST0174 DestinationRule dr spec.host']],
    [
      'a wildcard of a ServiceEntry',
      object('ServiceEntry', 'se', { hosts: ['*.x.com'] }) + rule({ host: '*.x.com' }),
      [],
    ],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0128', 'IST0129', 'IST0173', 'IST0174'], web + pod + yaml)).toEqual(expected);
  });
});

describe('subsets by place (IST0173)', () => {
  const service = object('Service', 'web', { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] });
  const node = object('Node', 'n', {}, { labels: { 'topology.kubernetes.io/zone': 'z1' } });
  const pod = object('Pod', 'web-1', { nodeName: 'n' }, { labels: { app: 'web' } });
  const rule = (zone: string) =>
    object('DestinationRule', 'dr', {
      host: 'web',
      subsets: [{ name: 's', labels: { 'topology.kubernetes.io/zone': zone } }],
    });
  test.each<Row>([
    ['select the pods of a node there', rule('z1'), []],
    ['select none elsewhere', rule('z2'), ['IST0173 DestinationRule dr spec.subsets[0]']],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0173'], service + node + pod + yaml)).toEqual(expected);
  });
});

describe('Deployments (IST0116, IST0137, IST0144)', () => {
  const namespace = (labels: object = { 'istio-injection': 'enabled' }) =>
    object('Namespace', 'default', {}, { labels });
  const deployment = (metadata: object = {}, spec: object = {}) =>
    object('Deployment', 'web', { template: { metadata: { labels: { app: 'web' }, ...metadata }, spec } });
  const service = (name: string, port: object) => object('Service', name, { selector: { app: 'web' }, ports: [port] });
  const tcp = service('one', { port: 80 });
  const udp = service('two', { port: 80, protocol: 'UDP' });
  const mixed = ['IST0116 Deployment web metadata.name'];
  test.each<Row>([
    ['two Services with one protocol', namespace() + deployment() + tcp + service('two', { port: 80 }), []],
    ['with two protocols on one port', namespace() + deployment() + tcp + udp, mixed],
    ['outside the mesh', namespace({}) + deployment() + tcp + udp, []],
    [
      'that says no itself',
      namespace() + deployment({ annotations: { 'sidecar.istio.io/inject': 'false' } }) + tcp + udp,
      [],
    ],
    [
      'that says yes itself',
      deployment({ labels: { app: 'web', 'sidecar.istio.io/inject': 'true' } }) + tcp + udp,
      mixed,
    ],
    [
      'one target port under two ports',
      namespace() +
        deployment() +
        service('one', { port: 80, targetPort: 8080 }) +
        service('two', { port: 81, targetPort: 8080 }),
      ['IST0137 Deployment web metadata.name'],
    ],
    [
      'a Service without selector',
      namespace() + deployment() + tcp + object('Service', 'all', { ports: [{ port: 80, protocol: 'UDP' }] }),
      [],
    ],
    [
      "the proxy's user for all containers",
      deployment({}, { securityContext: { runAsUser: 1337 } }),
      ['IST0144 Deployment web spec.template.spec'],
    ],
    [
      "the proxy's user for one",
      object('Pod', 'p', { containers: [{ name: 'web', securityContext: { runAsUser: 1337 } }] }),
      ['IST0144 Pod p spec'],
    ],
    [
      "the proxy's user for the proxy",
      object('Pod', 'p', { containers: [{ name: 'istio-proxy', securityContext: { runAsUser: 1337 } }] }),
      [],
    ],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0116', 'IST0137', 'IST0144'], yaml)).toEqual(expected);
  });
});

describe('patches of an EnvoyFilter (IST0151 to IST0155)', () => {
  const codes = ['IST0151', 'IST0152', 'IST0153', 'IST0154', 'IST0155'] as const;
  const filter = (applyTo: string, operation: string | undefined, more: object = {}, match: object = {}) =>
    object('EnvoyFilter', 'ef', {
      ...more,
      configPatches: [{ applyTo, match, ...(operation && { patch: { operation, value: { name: 'lua' } } }) }],
    });
  const said = (code: string) => [`${code} EnvoyFilter ef spec.configPatches[0]`];
  test.each<Row>([
    ['an insertion', filter('HTTP_FILTER', 'INSERT_BEFORE'), said('IST0151')],
    ['an insertion with priority', filter('HTTP_FILTER', 'INSERT_BEFORE', { priority: 10 }), []],
    ['a removal', filter('NETWORK_FILTER', 'REMOVE'), said('IST0151')],
    ['a removal of a route', filter('HTTP_ROUTE', 'REMOVE'), said('IST0154')],
    ['a replaced filter with priority', filter('HTTP_FILTER', 'REPLACE', { priority: -1 }), []],
    ['a replaced cluster', filter('CLUSTER', 'REPLACE'), said('IST0152')],
    ['an added cluster', filter('CLUSTER', 'ADD'), []],
    ['an added route configuration', filter('ROUTE_CONFIGURATION', 'ADD'), said('IST0153')],
    ['a merge', filter('CLUSTER', 'MERGE'), []],
    ['no patch', filter('CLUSTER', undefined), []],
    [
      'an insertion beside one for a version',
      filter('HTTP_FILTER', 'MERGE', {}, { proxy: { proxyVersion: '1.2' } }) + filter('HTTP_FILTER', 'INSERT_AFTER'),
      said('IST0155'),
    ],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(codes, yaml)).toEqual(expected);
  });
});
