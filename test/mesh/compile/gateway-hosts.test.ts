/** What a gateway makes of Gateways and VirtualServices; the recorded cases of a real one are in test/conformance/envoy. */

import { describe, expect, test } from 'vitest';
import { compileTable } from '../../../src/mesh/compile/compile-table.ts';
import { gatewayPorts } from '../../../src/mesh/compile/gateway-hosts.ts';
import type { MeshService } from '../../../src/mesh/compile/mesh-input.ts';
import { type Gateway, parseGateway } from '../../../src/mesh/schema/gateway.ts';
import { parseVirtualService, type VirtualService } from '../../../src/mesh/schema/virtual-service.ts';
import { buildVirtualHost, hostsOfPort, matchRoute } from '../../../src/mesh/table/built-table.ts';

const LABELS = { istio: 'ingressgateway' };
const NETWORKING = 'networking.istio.io/v1';

function service(name: string, ...ports: number[]): MeshService {
  const host = `${name}.default.svc.cluster.local`;
  return {
    host,
    name,
    namespace: 'default',
    ports: ports.map((number) => ({ number, name: `http-${number}`, protocol: 'http', endpoints: [] })),
  };
}

type Place = { name?: string; namespace?: string; age?: number };

const metadataOf = ({ name = 'web', namespace = 'default', age = 0 }: Place) => ({
  name,
  namespace,
  creationTimestamp: `2026-01-01T00:00:0${age}Z`,
});

type ServerSpec = { number?: number; protocol?: string; hosts: string[]; tls?: object };

function gateway(servers: ServerSpec[], place: Place & { selector?: Record<string, string> } = {}): Gateway {
  const parsed = parseGateway({
    apiVersion: NETWORKING,
    kind: 'Gateway',
    metadata: metadataOf({ name: 'gw', ...place }),
    spec: {
      selector: place.selector ?? LABELS,
      servers: servers.map(({ number = 80, protocol = 'HTTP', ...rest }, index) => ({
        port: { number, protocol, name: `port-${index}` },
        ...rest,
      })),
    },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

function virtualService(hosts: string[], http: object[], place: Place & { gateways?: string[] } = {}): VirtualService {
  const parsed = parseVirtualService({
    apiVersion: NETWORKING,
    kind: 'VirtualService',
    metadata: metadataOf(place),
    spec: { hosts, gateways: place.gateways ?? ['gw'], http },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

const to = (host: string) => [{ destination: { host } }];

function compile(gateways: Gateway[], virtualServices: VirtualService[], services = [service('web', 9080)]) {
  const { table, issues } = compileTable({
    role: 'gateway',
    caller: { namespace: 'ingress', labels: LABELS },
    services,
    virtualServices,
    destinationRules: [],
    gateways,
  });
  const built = Object.values(table.virtualHosts).map(buildVirtualHost);
  /** The cluster, location or status of the answer; 404 as gateways say it. */
  const answer = (url: string): string => {
    const { hostname, port, pathname } = new URL(url);
    const head = {
      method: 'GET',
      path: pathname,
      authority: hostname,
      scheme: 'http',
      header: () => undefined,
      headerValues: () => [],
    };
    const host = hostsOfPort(built, Number(port || 80)).find(hostname);
    const action = host && matchRoute(host, head)?.route.action;
    if (action === undefined) return '404';
    return action.kind === 'forward' ? (action.clusters[0]?.cluster ?? '') : `${action.status}`;
  };
  return { answer, issues };
}

const WEB = 'outbound|9080||web.default.svc.cluster.local';

describe('a gateway', () => {
  test('serves the names that server and VirtualService have in common, and no others', () => {
    const { answer } = compile(
      [gateway([{ hosts: ['*.example.com'] }])],
      [virtualService(['a.example.com', 'elsewhere.org'], [{ route: to('web') }])],
    );
    expect(answer('http://a.example.com/')).toBe(WEB);
    expect(answer('http://b.example.com/')).toBe('404');
    expect(answer('http://elsewhere.org/')).toBe('404');
  });

  test('narrows the names of a VirtualService to those of the server', () => {
    const { answer } = compile(
      [gateway([{ hosts: ['a.example.com'] }])],
      [virtualService(['*'], [{ route: to('web') }])],
    );
    expect(answer('http://a.example.com/')).toBe(WEB);
    expect(answer('http://b.example.com/')).toBe('404');
  });

  test.each([
    { host: './a.example.com', namespace: 'default', served: true },
    { host: './a.example.com', namespace: 'shop', served: false },
    { host: 'shop/a.example.com', namespace: 'shop', served: true },
    { host: 'shop/a.example.com', namespace: 'default', served: false },
    { host: '*/a.example.com', namespace: 'shop', served: true },
  ])('with host $host serves a VirtualService of $namespace: $served', ({ host, namespace, served }) => {
    const { answer } = compile(
      [gateway([{ hosts: [host] }])],
      [
        virtualService(['a.example.com'], [{ route: to('web.default.svc.cluster.local') }], {
          namespace,
          gateways: ['default/gw'],
        }),
      ],
    );
    expect(answer('http://a.example.com/')).toBe(served ? WEB : '404');
  });

  test.each(['gw', './gw', 'default/gw', 'gw.default.svc.cluster.local'])('is named by %s', (written) => {
    const bound = virtualService(['a.example.com'], [{ route: to('web') }], { gateways: ['mesh', written] });
    expect(compile([gateway([{ hosts: ['*'] }])], [bound]).answer('http://a.example.com/')).toBe(WEB);
  });

  test('leaves VirtualServices of the mesh and of other gateways alone', () => {
    const { answer } = compile(
      [gateway([{ hosts: ['*'] }])],
      [
        virtualService(['a.example.com'], [{ route: to('web') }], { gateways: ['mesh'] }),
        virtualService(['b.example.com'], [{ route: to('web') }], { gateways: ['other/gw'] }),
      ],
    );
    expect(answer('http://a.example.com/')).toBe('404');
    expect(answer('http://b.example.com/')).toBe('404');
  });

  test('leaves Gateways alone that select other proxies', () => {
    const other = gateway([{ hosts: ['*'], number: 81 }], { name: 'other', selector: { istio: 'egressgateway' } });
    const open = gateway([{ hosts: ['*'], number: 82 }], { name: 'open', selector: {} });
    expect(gatewayPorts([other, open], LABELS)).toEqual([82]);
  });

  test('joins VirtualServices of one name, the older first and what takes everything last', () => {
    const { answer } = compile(
      [gateway([{ hosts: ['a.example.com'] }])],
      [
        virtualService(['a.example.com'], [{ route: to('web') }], { name: 'old', age: 1 }),
        virtualService(['a.example.com'], [{ match: [{ uri: { prefix: '/api' } }], route: to('api') }], {
          name: 'new',
          age: 2,
        }),
      ],
      [service('web', 9080), service('api', 7000)],
    );
    expect(answer('http://a.example.com/api/x')).toBe('outbound|7000||api.default.svc.cluster.local');
    expect(answer('http://a.example.com/')).toBe(WEB);
  });

  test('takes rules for its ports and names only', () => {
    const http = [
      { match: [{ port: 81 }], directResponse: { status: 281 } },
      { match: [{ gateways: ['mesh'] }], directResponse: { status: 282 } },
      { match: [{ gateways: ['gw'], uri: { exact: '/named' } }], directResponse: { status: 283 } },
      { directResponse: { status: 284 } },
    ];
    const { answer } = compile(
      [
        gateway([
          { hosts: ['*'], number: 80 },
          { hosts: ['*'], number: 81 },
        ]),
      ],
      [virtualService(['a.example.com'], http)],
    );
    expect(answer('http://a.example.com:81/')).toBe('281');
    expect(answer('http://a.example.com/named')).toBe('283');
    expect(answer('http://a.example.com/')).toBe('284');
  });

  test('sends every name of a redirecting server to HTTPS, with or without rules', () => {
    const { answer } = compile(
      [gateway([{ hosts: ['*'], tls: { httpsRedirect: true } }])],
      [virtualService(['a.example.com'], [{ route: to('web') }])],
    );
    expect(answer('http://a.example.com/')).toBe('301');
    expect(answer('http://b.example.com/')).toBe('301');
  });

  test('says which servers it leaves out, and serves the others', () => {
    const { answer, issues } = compile(
      [
        gateway([
          { hosts: ['*'] },
          { hosts: ['*'], number: 443, protocol: 'HTTPS', tls: { mode: 'SIMPLE', credentialName: 'cert' } },
        ]),
      ],
      [virtualService(['a.example.com'], [{ route: to('web') }])],
    );
    expect(issues).toMatchObject([{ code: 'SL0302', kind: 'Gateway', path: 'spec.servers[1]' }]);
    expect(answer('http://a.example.com/')).toBe(WEB);
    expect(answer('http://a.example.com:443/')).toBe('404');
  });
});

test('a Gateway beside a caller is noticed, and not in force', () => {
  const { table, issues } = compileTable({
    services: [service('web', 9080)],
    virtualServices: [],
    destinationRules: [],
    gateways: [gateway([{ hosts: ['*'] }])],
  });
  expect(issues).toMatchObject([{ code: 'SL0302', kind: 'Gateway', name: 'gw' }]);
  expect(Object.keys(table.virtualHosts)).toEqual(['web.default.svc.cluster.local:9080']);
});
