/** What callers see of the mesh, and what becomes of names that they do not see. */

import { describe, expect, test } from 'vitest';
import { compileTable } from '../../../src/mesh/compile/compile-table.ts';
import type { Caller, MeshService } from '../../../src/mesh/compile/mesh-input.ts';
import { parseMeshConfig } from '../../../src/mesh/schema/mesh-config.ts';
import { parseSidecar, type Sidecar, type SidecarSpec } from '../../../src/mesh/schema/sidecar.ts';
import { parseVirtualService, type VirtualService } from '../../../src/mesh/schema/virtual-service.ts';
import { buildVirtualHost, hostsOfPort } from '../../../src/mesh/table/built-table.ts';

const CALLER: Caller = { namespace: 'shop', labels: { app: 'cart' } };

function service(host: string, exportTo?: string[]): MeshService {
  const [name = '', namespace = ''] = host.split('.');
  const ports = [80, 9080].map((number) => ({
    number,
    name: `http-${number}`,
    protocol: 'http' as const,
    endpoints: [],
  }));
  return { host: `${host}.svc.cluster.local`, name, namespace, ports, ...(exportTo && { exportTo }) };
}

const SERVICES = ['cart.shop', 'pay.shop', 'mail.post', 'stamp.post', 'log.tools'].map((host) => service(host));

type Place = { name?: string; namespace?: string; age?: number };

function object(kind: string, spec: object, { name = 'tested', namespace = 'shop', age = 0 }: Place) {
  const metadata = { name, namespace, creationTimestamp: `2026-01-01T00:00:0${age}Z` };
  return { apiVersion: 'networking.istio.io/v1', kind, metadata, spec };
}

function sidecar(spec: SidecarSpec, place: Place = {}): Sidecar {
  const parsed = parseSidecar(object('Sidecar', spec, place));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

function virtualService(hosts: string[], to: string, place: Place = {}): VirtualService {
  const http = [{ route: [{ destination: { host: to } }] }];
  const parsed = parseVirtualService(object('VirtualService', { hosts, http }, place));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

type World = {
  sidecars?: Sidecar[];
  virtualServices?: VirtualService[];
  services?: MeshService[];
  mesh?: object;
  caller?: Caller;
};

function compile({ sidecars = [], virtualServices = [], services = SERVICES, mesh = {}, caller = CALLER }: World) {
  const settings = parseMeshConfig(mesh);
  if (!settings.ok) throw new Error(JSON.stringify(settings.issues));
  const { table, issues } = compileTable({
    caller,
    services,
    virtualServices,
    destinationRules: [],
    sidecars,
    mesh: settings.value,
  });
  const built = Object.values(table.virtualHosts).map(buildVirtualHost);
  return {
    issues,
    clusters: Object.keys(table.clusters),
    /** The names that are seen through a port, of those that exist. */
    seen: (port = 9080) => {
      const hosts = hostsOfPort(built, port);
      return SERVICES.map(({ host }) => host.replace('.svc.cluster.local', '')).filter(
        (host) => hosts.find(host)?.name.startsWith(host) === true,
      );
    },
    unknown: (port = 9080) => hostsOfPort(built, port).find('nobody.example.com')?.name,
  };
}

const egress = (...hosts: string[]): SidecarSpec => ({ egress: [{ hosts }] });

describe('a caller', () => {
  test.each<{ what: string; sidecars: Sidecar[]; seen: string[] }>([
    {
      what: 'sees everything without a Sidecar',
      sidecars: [],
      seen: ['cart.shop', 'pay.shop', 'mail.post', 'stamp.post', 'log.tools'],
    },
    { what: 'sees its own namespace', sidecars: [sidecar(egress('./*'))], seen: ['cart.shop', 'pay.shop'] },
    {
      what: 'sees a namespace that is named',
      sidecars: [sidecar(egress('./*', 'post/*'))],
      seen: ['cart.shop', 'pay.shop', 'mail.post', 'stamp.post'],
    },
    { what: 'sees one service', sidecars: [sidecar(egress('post/mail.post.svc.cluster.local'))], seen: ['mail.post'] },
    {
      what: 'sees what a wildcard covers',
      sidecars: [sidecar(egress('*/*.post.svc.cluster.local'))],
      seen: ['mail.post', 'stamp.post'],
    },
    { what: 'sees nothing', sidecars: [sidecar(egress('~/*'))], seen: [] },
    {
      what: 'is not concerned by a Sidecar for others',
      sidecars: [
        sidecar({ ...egress('~/*'), workloadSelector: { labels: { app: 'pay' } } }),
        sidecar(egress('tools/*'), { name: 'default' }),
      ],
      seen: ['log.tools'],
    },
    {
      what: 'follows the Sidecar that selects it before the default',
      sidecars: [
        sidecar(egress('./*'), { name: 'default' }),
        sidecar({ ...egress('tools/*'), workloadSelector: { labels: { app: 'cart' } } }, { age: 1 }),
      ],
      seen: ['log.tools'],
    },
    {
      what: 'follows the default of the root namespace without one of its own',
      sidecars: [sidecar(egress('./*'), { namespace: 'istio-system' }), sidecar(egress('*/*'), { namespace: 'post' })],
      seen: ['cart.shop', 'pay.shop'],
    },
    {
      what: 'sees everything with a Sidecar that says nothing about it',
      sidecars: [sidecar({ outboundTrafficPolicy: { mode: 'ALLOW_ANY' } })],
      seen: ['cart.shop', 'pay.shop', 'mail.post', 'stamp.post', 'log.tools'],
    },
  ])('$what', ({ sidecars, seen }) => {
    expect(compile({ sidecars }).seen()).toEqual(seen);
  });

  test('sees through each port what its listener lists, and through the others what the last one does', () => {
    const listeners = sidecar({
      egress: [{ port: { number: 9080, protocol: 'HTTP', name: 'http' }, hosts: ['post/*'] }, { hosts: ['tools/*'] }],
    });
    const { seen } = compile({ sidecars: [listeners] });
    expect(seen(9080)).toEqual(['mail.post', 'stamp.post']);
    expect(seen(80)).toEqual(['log.tools']);
  });

  test('reaches destinations of its VirtualServices that it does not see', () => {
    const { clusters, seen } = compile({
      sidecars: [sidecar(egress('./*'))],
      virtualServices: [virtualService(['cart'], 'mail.post.svc.cluster.local')],
    });
    expect(clusters).toContain('outbound|9080||mail.post.svc.cluster.local');
    expect(clusters).not.toContain('outbound|9080||stamp.post.svc.cluster.local');
    expect(seen()).toEqual(['cart.shop', 'pay.shop']);
  });
});

describe('a name that nobody has', () => {
  const registryOnly = { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' as const } };
  test.each<{ what: string; world: World; expected: string | undefined }>([
    { what: 'goes its way', world: {}, expected: undefined },
    {
      what: 'is blocked where the Sidecar says so',
      world: { sidecars: [sidecar(registryOnly)] },
      expected: 'block_all',
    },
    { what: 'is blocked where the mesh says so', world: { mesh: registryOnly }, expected: 'block_all' },
    {
      what: 'goes its way where a Sidecar overrules the mesh',
      world: { mesh: registryOnly, sidecars: [sidecar({ outboundTrafficPolicy: { mode: 'ALLOW_ANY' } })] },
      expected: undefined,
    },
    {
      what: 'is blocked by a policy without a mode',
      world: { sidecars: [sidecar({ outboundTrafficPolicy: {} })] },
      expected: 'block_all',
    },
  ])('$what', ({ world, expected }) => {
    expect(compile(world).unknown()).toBe(expected);
  });

  test('is blocked on every port', () => {
    expect(compile({ mesh: registryOnly }).unknown(7777)).toBe('block_all');
  });
});

test('a service exported to nobody is seen by nobody, of whom nothing is known included', () => {
  const services = [service('cart.shop', ['~'])];
  expect(compile({ services }).seen()).toEqual([]);
  expect(compile({ services, caller: {} }).seen()).toEqual([]);
});

test('the mesh says who sees what says nothing', () => {
  const services = [service('mail.post'), service('stamp.post', ['*'])];
  expect(compile({ services, mesh: { defaultServiceExportTo: ['.'] } }).seen()).toEqual(['stamp.post']);
});

test('a Sidecar without a caller is noticed', () => {
  const { issues, seen } = compile({ sidecars: [sidecar(egress('~/*'))], caller: {} });
  expect(issues).toMatchObject([{ code: 'SL0302', kind: 'Sidecar', name: 'tested' }]);
  expect(seen()).toHaveLength(SERVICES.length);
});
