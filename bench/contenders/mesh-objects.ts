/** The work of our proxy as Istio's resources: host, header match, a 90/10 split, armed timeouts, and variations of it. */

import type { KubeObject } from '../../src/lib/resource.ts';
import { HOST } from './contender.ts';
import type { Upstreams } from './upstreams.ts';

type Spec = Record<string, unknown>;

/** What a row adds to the plain work. */
export type Variation = {
  /** Of the rule that splits. */
  rule?: Spec;
  trafficPolicy?: Spec;
  /** Whether the split goes to all upstreams rather than to two. */
  manyEndpoints?: boolean;
};

export function meshObjects(
  upstreams: Upstreams,
  { rule, trafficPolicy, manyEndpoints }: Variation = {},
): KubeObject[] {
  const { primary, canary, more } = upstreams;
  const primaries = manyEndpoints === true ? [primary, ...more] : [primary];
  const http = [
    {
      name: 'staff',
      match: [{ headers: { 'user-type': { exact: 'internal' } } }],
      route: [to('canary')],
      timeout: '15s',
    },
    {
      name: 'split',
      route: [
        { ...to('primary'), weight: 90 },
        { ...to('canary'), weight: 10 },
      ],
      timeout: '15s',
      ...rule,
    },
  ];
  return [
    entry('web', HOST, [...primaries.map((port) => endpoint(port, 'primary')), endpoint(canary, 'canary')]),
    object('DestinationRule', 'web', {
      host: HOST,
      subsets: ['primary', 'canary'].map((version) => ({ name: version, labels: { version } })),
      ...(trafficPolicy !== undefined && { trafficPolicy }),
    }),
    object('VirtualService', 'web', { hosts: [HOST], http }),
  ];
}

/** `count` hosts with rules of their own in front of one service: `web-00000.example` and so on. */
export function manyHosts({ primary }: Upstreams, count: number): KubeObject[] {
  const hosts = Array.from({ length: count }, (_, index) => hostRules(index));
  return [entry('web', HOST, [endpoint(primary, 'primary')]), ...hosts];
}

function hostRules(index: number): KubeObject {
  const route = [{ destination: { host: HOST } }];
  const http = [
    { match: [{ headers: { 'user-type': { exact: 'internal' } } }], route, timeout: '15s' },
    { route, timeout: '15s' },
  ];
  return object('VirtualService', `web-${index}`, { hosts: [hostName(index)], http });
}

/** A host that answers itself, with `text`. */
export function answeringHost(text: string): KubeObject {
  const http = [{ directResponse: { status: 200, body: { string: text } } }];
  return object('VirtualService', 'answering', { hosts: [ANSWERING], http });
}

export const ANSWERING = 'answering.example';

export function hostName(index: number): string {
  return `web-${String(index).padStart(5, '0')}.example`;
}

/** One service with `count` rules, exact and prefix in turn. @param timeout of the first: another one makes another rule */
export function manyRoutes({ primary }: Upstreams, count: number, timeout = '15s'): KubeObject[] {
  const rule = (index: number) => ({
    match: [{ uri: index % 2 === 0 ? { exact: routePath(index) } : { prefix: routePath(index) } }],
    route: [{ destination: { host: HOST } }],
    timeout: index === 0 ? timeout : '15s',
  });
  const last = { route: [{ destination: { host: HOST } }], timeout: '15s' };
  return [
    entry('web', HOST, [endpoint(primary, 'primary')]),
    object('VirtualService', 'web', {
      hosts: [HOST],
      http: [...Array.from({ length: count }, (_, index) => rule(index)), last],
    }),
  ];
}

export function routePath(index: number): string {
  return `/api/route-${String(index).padStart(5, '0')}/`;
}

function entry(name: string, host: string, endpoints: Spec[]): KubeObject {
  const ports = [{ number: 80, name: 'http', protocol: 'HTTP' }];
  return object('ServiceEntry', name, {
    hosts: [host],
    ports,
    location: 'MESH_INTERNAL',
    resolution: 'STATIC',
    endpoints,
  });
}

function endpoint(port: number, version: string): Spec {
  return { address: '127.0.0.1', ports: { http: port }, labels: { app: 'web', version } };
}

function to(subset: string): { destination: Spec } {
  return { destination: { host: HOST, subset } };
}

function object(kind: string, name: string, spec: Spec): KubeObject {
  return { apiVersion: 'networking.istio.io/v1', kind, metadata: { name, namespace: 'default' }, spec } as KubeObject;
}
