/** Requests that come in at a gateway: which Gateways are served, which VirtualServices apply there, and what is told onwards. */

import type { KubeObject } from '../../../src/lib/resource.ts';
import { otherwise, type Rows, to, when } from './row.ts';

const at = (host: string, line = 'GET /') => ({ line, host, via: 'gateway' });

const gateway = (
  hosts: readonly string[],
  { selector = { istio: 'ingressgateway' }, server = {}, name = '@NAME-gw' } = {},
): Partial<KubeObject> => ({
  kind: 'Gateway',
  metadata: { name, namespace: 'default' },
  ...{ spec: { selector, servers: [{ port: { number: 8080, name: 'http', protocol: 'HTTP' }, hosts, ...server }] } },
});

const virtualService = (name: string, spec: object, namespace = 'default', rest: object = {}): Partial<KubeObject> => ({
  kind: 'VirtualService',
  metadata: { name, namespace },
  ...{ spec: { gateways: ['default/@NAME-gw'], ...spec } },
  ...rest,
});

const OPEN = { hosts: ['a.@NAME.example'], gateways: ['@NAME-gw'] };

export const GATEWAY: Rows = {
  'a host that both name is served, with any port': {
    spec: OPEN,
    http: [otherwise('v2')],
    more: [gateway(['a.@NAME.example'])],
    asks: [
      [at('a.@NAME.example'), { status: 200, version: 'v2', host: 'a.@NAME.example' }],
      [at('A.@NAME.Example:8080'), 'v2'],
      [at('b.@NAME.example'), { status: 404, body: '' }],
      [at('@NAME'), 404],
    ],
  },
  'no request has a claim, since nobody checks tokens': {
    spec: OPEN,
    http: [
      when({ headers: { '@request.auth.claims.sub': {} } }, 'v3'),
      when({ uri: { prefix: '/a' }, withoutHeaders: { '@request.auth.claims.sub': { exact: 'x' } } }, 'v1'),
      otherwise('v2'),
    ],
    more: [gateway(['a.@NAME.example'])],
    asks: [
      [{ ...at('a.@NAME.example'), headers: [['authorization', 'Bearer x']] }, 'v2'],
      [{ ...at('a.@NAME.example'), line: 'GET /a' }, 'v1'],
      [{ ...at('a.@NAME.example'), headers: [['@request.auth.claims.sub', 'x']] }, 400],
    ],
  },
  'a host that only the VirtualService names is not': {
    spec: { ...OPEN, hosts: ['a.@NAME.example', 'b.@NAME.example'] },
    http: [otherwise('v2')],
    more: [gateway(['a.@NAME.example'])],
    asks: [
      [at('a.@NAME.example'), 'v2'],
      [at('b.@NAME.example'), 404],
    ],
  },
  'a wildcard of the Gateway lets names through': {
    spec: OPEN,
    http: [otherwise('v2')],
    more: [gateway(['*.@NAME.example'])],
    asks: [
      [at('a.@NAME.example'), 'v2'],
      [at('b.@NAME.example'), 404],
    ],
  },
  'a Gateway for other labels is not served': {
    spec: OPEN,
    http: [otherwise('v2')],
    more: [gateway(['a.@NAME.example'], { selector: { istio: 'egressgateway' } })],
    asks: [[at('a.@NAME.example'), 404]],
  },
  'a host of one namespace is for the VirtualServices of that one': {
    spec: OPEN,
    http: [otherwise('v2')],
    more: [
      gateway(['./a.@NAME.example', './b.@NAME.example', 'elsewhere/c.@NAME.example']),
      virtualService(
        '@NAME-b',
        { hosts: ['b.@NAME.example', 'c.@NAME.example'], http: [{ directResponse: { status: 221 } }] },
        'elsewhere',
      ),
    ],
    asks: [
      [at('a.@NAME.example'), 'v2'],
      [at('b.@NAME.example'), 404],
      [at('c.@NAME.example'), 221],
    ],
  },
  'a redirect to https keeps the port': {
    spec: OPEN,
    http: [otherwise('v2')],
    more: [gateway(['a.@NAME.example'], { server: { tls: { httpsRedirect: true } } })],
    asks: [
      [
        at('a.@NAME.example', 'GET /x?y'),
        { status: 301, attempts: 0, down: { location: 'https://a.@NAME.example/x?y' } },
      ],
      [at('a.@NAME.example:8080'), { status: 301, down: { location: 'https://a.@NAME.example:8080/' } }],
    ],
  },
  'two VirtualServices of one host are joined, what takes all coming last': {
    spec: OPEN,
    http: [when({ uri: { prefix: '/a' } }, 'v1'), otherwise('v2')],
    more: [
      gateway(['a.@NAME.example']),
      virtualService(
        '@NAME-young',
        { hosts: ['a.@NAME.example'], http: [when({ uri: { prefix: '/b' } }, 'v3')] },
        'default',
        { _phase: 1 },
      ),
    ],
    asks: [
      [at('a.@NAME.example', 'GET /a'), 'v1'],
      [at('a.@NAME.example', 'GET /b'), 'v3'],
      [at('a.@NAME.example', 'GET /c'), 'v2'],
    ],
  },
  'a VirtualService for the mesh alone is not for the gateway': {
    spec: { hosts: ['a.@NAME.example'] },
    http: [otherwise('v2')],
    more: [gateway(['a.@NAME.example'])],
    asks: [[at('a.@NAME.example'), 404]],
  },
  'one for both is for both, and a rule may be for one of them': {
    spec: { hosts: ['@HOST', 'a.@NAME.example'], gateways: ['mesh', '@NAME-gw'] },
    http: [when({ gateways: ['@NAME-gw'], uri: { prefix: '/' } }, 'v3'), otherwise('v2')],
    more: [gateway(['a.@NAME.example'])],
    asks: [
      [at('a.@NAME.example'), 'v3'],
      ['GET /', 'v2'],
    ],
  },
  'a rule for the mesh is none at the gateway': {
    spec: { ...OPEN, gateways: ['@NAME-gw', 'mesh'] },
    http: [when({ gateways: ['mesh'], uri: { prefix: '/' } }, 'v3'), otherwise('v2')],
    more: [gateway(['a.@NAME.example'])],
    asks: [[at('a.@NAME.example'), 'v2']],
  },
  'a rule for the port of the gateway': {
    spec: OPEN,
    http: [when({ port: 9080 }, 'v3'), when({ port: 8080 }, 'v2')],
    more: [gateway(['a.@NAME.example'])],
    asks: [[at('a.@NAME.example'), 'v2']],
  },
  'the only port of a destination need not be named': {
    spec: OPEN,
    http: [{ route: [to('v2')] }],
    more: [gateway(['a.@NAME.example'])],
    asks: [[at('a.@NAME.example'), 'v2']],
  },
  'strangers do not say how they came': {
    spec: OPEN,
    http: [when({ scheme: { exact: 'https' } }, 'v3'), otherwise('v2')],
    more: [gateway(['a.@NAME.example'])],
    asks: [
      [
        {
          ...at('a.@NAME.example'),
          headers: [
            ['x-forwarded-for', '1.2.3.4'],
            ['x-forwarded-proto', 'https'],
            ['x-envoy-external-address', '6.6.6.6'],
          ],
        },
        {
          version: 'v2',
          up: {
            'x-forwarded-for': '1.2.3.4,127.0.0.1',
            'x-forwarded-proto': 'http',
            'x-envoy-external-address': '127.0.0.1',
          },
        },
      ],
    ],
  },
  'redirects know the port of the gateway': {
    spec: OPEN,
    http: [{ redirect: { uri: '/n', derivePort: 'FROM_REQUEST_PORT' } }],
    more: [gateway(['a.@NAME.example'])],
    asks: [[at('a.@NAME.example'), { status: 301, down: { location: 'http://a.@NAME.example:8080/n' } }]],
  },
  'a Gateway without any VirtualService': {
    more: [gateway(['a.@NAME.example'])],
    asks: [[at('a.@NAME.example'), { status: 404, body: '' }]],
  },
  'delegates at the gateway': {
    spec: OPEN,
    http: [
      { match: [{ uri: { prefix: '/d' } }], delegate: { name: '@NAME-leaf', namespace: 'default' } },
      otherwise('v1'),
    ],
    more: [
      gateway(['a.@NAME.example']),
      {
        kind: 'VirtualService',
        metadata: { name: '@NAME-leaf', namespace: 'default' },
        ...{ spec: { http: [otherwise('v2')] } },
      },
    ],
    asks: [
      [at('a.@NAME.example', 'GET /d/x'), 'v2'],
      [at('a.@NAME.example'), 'v1'],
    ],
  },
};
