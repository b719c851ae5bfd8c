import { describe, expect, test } from 'vitest';
import { analysed, object } from '../../support/analysis.ts';

type Row = [sentence: string, yaml: string, expected: string[]];
const ingress = { istio: 'ingressgateway' };
const server = (port: number, hosts: string[] = ['a.com'], more: object = {}) => ({
  port: { number: port },
  hosts,
  ...more,
});
const gateway = (name: string, servers: object[], selector: object = ingress) =>
  object('Gateway', name, { selector, servers });

describe('ports of a Gateway (IST0101, IST0162)', () => {
  const own = { app: 'own' };
  const proxy = object('Pod', 'own-1', {}, { labels: own });
  const offering = (port: object) => object('Service', 'own', { selector: own, ports: [port] });
  test.each<Row>([
    ["ports of Istio's own gateway are known", gateway('gw', [server(80), server(443)]), []],
    ['another port is named', gateway('gw', [server(8004)]), ['IST0162 Gateway gw spec.servers[0].port.number']],
    [
      'a selector without proxy is named, and nothing else',
      gateway('gw', [server(8004)], { istio: 'typo' }),
      ['IST0101 Gateway gw spec.selector'],
    ],
    [
      'a port of the Service is offered',
      proxy + offering({ port: 80, targetPort: 8080 }) + gateway('gw', [server(80)], own),
      [],
    ],
    [
      'its target port is, too',
      proxy + offering({ port: 80, targetPort: 8080 }) + gateway('gw', [server(8080)], own),
      [],
    ],
    [
      'a UDP port is not',
      proxy + offering({ port: 80, protocol: 'UDP' }) + gateway('gw', [server(80)], own),
      ['IST0162 Gateway gw spec.servers[0].port.number'],
    ],
    [
      'a Deployment counts as its pods',
      object('Deployment', 'own', { template: { metadata: { labels: own } } }) +
        offering({ port: 80 }) +
        gateway('gw', [server(80)], own),
      [],
    ],
    ['a server without port is not judged', gateway('gw', [{ hosts: ['*'] }]), []],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0101', 'IST0162'], yaml)).toEqual(expected);
  });
});

describe('Gateways that conflict (IST0145)', () => {
  const both = ['IST0145 Gateway a spec.servers[0]', 'IST0145 Gateway b spec.servers[0]'];
  test.each<Row>([
    ['same port and host', gateway('a', [server(80)]) + gateway('b', [server(80)]), both],
    ['a wildcard and what it covers', gateway('a', [server(80, ['*.com'])]) + gateway('b', [server(80)]), both],
    ['other hosts', gateway('a', [server(80, ['b.com'])]) + gateway('b', [server(80)]), []],
    ['other ports', gateway('a', [server(81)]) + gateway('b', [server(80)]), []],
    ['other addresses', gateway('a', [server(80, ['a.com'], { bind: '10.0.0.1' })]) + gateway('b', [server(80)]), []],
    ['other proxies', gateway('a', [server(80)], { app: 'x' }) + gateway('b', [server(80)]), []],
    [
      'a narrower selector that finds the same proxy',
      object('Pod', 'p', {}, { labels: { ...ingress, app: 'x' } }) +
        gateway('a', [server(80)], { ...ingress, app: 'x' }) +
        gateway('b', [server(80)]),
      both,
    ],
    [
      'a narrower selector that finds no proxy',
      gateway('a', [server(80)], { ...ingress, app: 'x' }) + gateway('b', [server(80)]),
      [],
    ],
    ['one Gateway with itself', gateway('a', [server(80), server(80)]), []],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0145'], yaml)).toEqual(expected);
  });
});

describe('certificates that two Gateways share (IST0138)', () => {
  const secure = (tls: object) => server(443, ['a.com'], { tls });
  const files = { serverCertificate: '/crt', privateKey: '/key' };
  const both = ['IST0138 Gateway a spec.servers[0].tls', 'IST0138 Gateway b spec.servers[0].tls'];
  test.each<Row>([
    [
      'the same secret',
      gateway('a', [secure({ credentialName: 's' })]) + gateway('b', [secure({ credentialName: 's' })]),
      both,
    ],
    [
      'another secret',
      gateway('a', [secure({ credentialName: 's' })]) + gateway('b', [secure({ credentialName: 't' })]),
      [],
    ],
    ['the same files', gateway('a', [secure(files)]) + gateway('b', [secure(files)]), both],
    [
      'the same certificate without key',
      gateway('a', [secure({ serverCertificate: '/crt' })]) + gateway('b', [secure({ serverCertificate: '/crt' })]),
      [],
    ],
    ['another proxy', gateway('a', [secure(files)], { app: 'x' }) + gateway('b', [secure(files)]), []],
    [
      'a wider selector sees the narrower one only',
      gateway('a', [secure(files)]) + gateway('b', [secure(files)], { ...ingress, app: 'x' }),
      [both[0] ?? ''],
    ],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0138'], yaml)).toEqual(expected);
  });
});

describe('selectors of Sidecars (IST0101, IST0110, IST0111)', () => {
  const pod = (labels: object, namespace = 'default') => object('Pod', 'pod', {}, { labels, namespace });
  const sidecar = (name: string, labels?: object) =>
    object('Sidecar', name, { ...(labels && { workloadSelector: { labels } }), egress: [] });
  const at = 'spec.workloadSelector.labels';
  test.each<Row>([
    ['one that finds a pod is fine', pod({ app: 'a' }) + sidecar('s', { app: 'a' }), []],
    ['one that finds none is named', pod({ app: 'a' }) + sidecar('s', { app: 'b' }), [`IST0101 Sidecar s ${at}`]],
    [
      'pods of other namespaces do not count',
      pod({ app: 'a' }, 'far') + sidecar('s', { app: 'a' }),
      [`IST0101 Sidecar s ${at}`],
    ],
    [
      'two that find the same pod are named',
      pod({ app: 'a', v: '1' }) + sidecar('s', { app: 'a' }) + sidecar('t', { v: '1' }),
      [`IST0110 Sidecar s ${at}`, `IST0110 Sidecar t ${at}`],
    ],
    ['one without selector stands beside others', pod({ app: 'a' }) + sidecar('s', { app: 'a' }) + sidecar('t'), []],
    [
      'two without selector do not',
      sidecar('s') + sidecar('t', {}),
      ['IST0111 Sidecar s metadata.name', 'IST0111 Sidecar t metadata.name'],
    ],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0101', 'IST0110', 'IST0111'], yaml)).toEqual(expected);
  });

  test('an egressProxy is deprecated (IST0002)', () => {
    const yaml = object('Sidecar', 's', { outboundTrafficPolicy: { egressProxy: { host: 'x' } } });
    expect(analysed(['IST0002'], yaml)).toEqual(['IST0002 Sidecar s spec.outboundTrafficPolicy.egressProxy']);
  });
});

describe('secrets of a Gateway (IST0101)', () => {
  const secret = (name: string, namespace: string) => object('Secret', name, {}, { namespace });
  const secure = (credentialName: string) => gateway('gw', [server(443, ['a.com'], { tls: { credentialName } })]);
  const missing = ['IST0101 Gateway gw spec.servers[0].tls.credentialName'];
  test.each<Row>([
    ['beside the proxy is found', secret('s', 'istio-system') + secure('s'), []],
    ['beside the Gateway is not', secret('s', 'default') + secure('s'), missing],
    ['of another name is not', secret('t', 'istio-system') + secure('s'), missing],
    ['is not looked for where no secret is known', secure('s'), []],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0101'], yaml)).toEqual(expected);
  });
});

describe('Sidecars in ambient namespaces (IST0167)', () => {
  const namespace = (labels: object) => object('Namespace', 'ns', {}, { labels });
  const sidecar = object('Sidecar', 's', {}, { namespace: 'ns' });
  const ambient = { 'istio.io/dataplane-mode': 'ambient' };
  test.each<Row>([
    ['have no effect', namespace(ambient) + sidecar, ['IST0167 Sidecar s metadata.namespace']],
    ['have one where proxies are injected', namespace({ ...ambient, 'istio-injection': 'enabled' }) + sidecar, []],
    ['have one where a revision is', namespace({ ...ambient, 'istio.io/rev': 'canary' }) + sidecar, []],
    ['elsewhere, too', namespace({}) + sidecar, []],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0167'], yaml)).toEqual(expected);
  });
});

describe('conditions on claims (IST0149)', () => {
  const claim = { '@request.auth.claims.group': { exact: 'a' } };
  const routed = (more: object) =>
    object('VirtualService', 'vs', { hosts: ['a.com'], gateways: ['gw'], http: [{ match: [more] }] });
  const checked = (matchLabels: object, namespace = 'istio-system') =>
    object('RequestAuthentication', 'ra', { selector: { matchLabels } }, { namespace });
  const unchecked = ['IST0149 VirtualService vs spec.http[0].match[0]'];
  test.each<Row>([
    ['nobody checks the token', routed({ headers: claim }), unchecked],
    ['somebody does', checked(ingress) + routed({ headers: claim }), []],
    ['somebody does everywhere', checked({}) + routed({ withoutHeaders: claim }), []],
    ['somebody does in another namespace', checked(ingress, 'far') + routed({ headers: claim }), unchecked],
    ['somebody does for other workloads', checked({ app: 'x' }) + routed({ withoutHeaders: claim }), unchecked],
    ['there is no claim', routed({ headers: { group: { exact: 'a' } } }), []],
  ])('%s', (_sentence, yaml, expected) => {
    expect(analysed(['IST0149'], gateway('gw', [server(80)]) + yaml)).toEqual(expected);
  });
});
