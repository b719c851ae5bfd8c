/** Which resources speak about a request: names of hosts, several VirtualServices, delegates, destinations and their rules. */

import type { KubeObject } from '../../../src/lib/resource.ts';
import { otherwise, type Row, type Rows, to, when } from './row.ts';

const MARK = { headers: { response: { set: { 'x-rule': 'yes' } } } };
const marked = { status: 200, down: { 'x-rule': 'yes' } };
const unmarked = { status: 200, down: { 'x-rule': null } };
const asked = (host: string, via?: string) => ({ line: 'GET /', host, ...(via !== undefined && { via }) });

const virtualService = (name: string, spec: object, rest: object = {}): Partial<KubeObject> => ({
  kind: 'VirtualService',
  metadata: { name, namespace: 'default' },
  ...{ spec },
  ...rest,
});

const service = (name: string, hosts: readonly string[], port = 9080): Partial<KubeObject> => ({
  kind: 'ServiceEntry',
  metadata: { name, namespace: 'default' },
  ...{
    spec: {
      hosts,
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      ports: [{ number: port, name: 'http', protocol: 'HTTP' }],
      endpoints: [{ address: '127.0.0.1', ports: { http: 9103 }, labels: { version: 'v3' } }],
    },
  },
});

export const HOSTS: Rows = {
  'a service is reached under each of its names, with any port': {
    http: [otherwise('v2', MARK)],
    asks: [
      ...[
        '@HOST',
        '@HOST.',
        '@NAME',
        '@NAME.default',
        '@NAME.default.svc',
        '@NAME:80',
        '@HOST:9080',
        '@NAME.default:65535',
        '@NAME:',
      ].map((host) => [asked(host), marked] as [ReturnType<typeof asked>, typeof marked]),
      [asked('@NAME.default.svc.cluster'), 503],
      [asked('@NAME.other'), 503],
      [asked('x@NAME'), 503],
      [asked('@NAME:70000'), 400],
      [asked(''), 400],
    ],
  },
  'a host without a dot is completed': {
    spec: { hosts: ['@NAME'] },
    http: [otherwise('v2', MARK)],
    asks: [['GET /', marked]],
  },
  'a host with one is not': {
    spec: { hosts: ['@NAME.default'] },
    http: [otherwise('v2', MARK)],
    asks: [
      ['GET /', unmarked],
      [asked('@NAME.default'), unmarked],
    ],
  },
  'capitals in a host do no harm': {
    spec: { hosts: ['@NAME.Default.svc.CLUSTER.local'] },
    http: [otherwise('v2', MARK)],
    asks: [
      ['GET /', marked],
      [asked('@NAME.DEFAULT'), marked],
    ],
  },
  'a short name and the whole one may stand together': {
    spec: { hosts: ['@NAME', '@HOST'] },
    http: [otherwise('v2', MARK)],
    asks: [['GET /', marked]],
  },
  'an exact host wins over a wildcard, a long one over a short, and nothing is merged': {
    spec: { hosts: ['*.@NAME.example'] },
    http: [{ directResponse: { status: 211 } }],
    more: [
      service('@NAME-names', ['a.@NAME.example', 'b.@NAME.example', 'x.sub.@NAME.example', '@NAME.example']),
      virtualService('@NAME-exact', {
        hosts: ['a.@NAME.example'],
        http: [{ match: [{ uri: { prefix: '/only' } }], directResponse: { status: 212 } }],
      }),
      virtualService('@NAME-long', { hosts: ['*.sub.@NAME.example'], http: [{ directResponse: { status: 213 } }] }),
    ],
    asks: [
      [asked('b.@NAME.example'), 211],
      [{ line: 'GET /only', host: 'a.@NAME.example' }, 212],
      [asked('a.@NAME.example'), 404],
      [asked('x.sub.@NAME.example'), 213],
      [asked('@NAME.example'), 'v3'],
      [asked('c.@NAME.example'), 503],
    ],
  },
  'a host that nobody has works on port 80': {
    spec: { hosts: ['ghost.@NAME.example', '*.wild.@NAME.example'] },
    http: [{ route: [{ destination: { host: '@HOST', subset: 'v2', port: { number: 9080 } } }] }],
    asks: [
      [asked('ghost.@NAME.example', 'client-80'), 'v2'],
      [asked('a.b.wild.@NAME.example', 'client-80'), 'v2'],
      [asked('wild.@NAME.example', 'client-80'), 503],
      [asked('ghost.@NAME.example'), 503],
    ],
  },
  'names under a wildcard entry': {
    more: [service('@NAME-wild', ['*.@NAME.example'])],
    asks: [
      [asked('a.@NAME.example'), 'v3'],
      [asked('a.b.@NAME.example'), 'v3'],
      [asked('@NAME.example'), 503],
    ],
  },
  'a star for the mesh is refused': { spec: { hosts: ['*'] }, http: [otherwise('v1')], refused: true },
  'a part of a label is refused': { spec: { hosts: ['foo*.example.com'] }, http: [otherwise('v1')], refused: true },
  'a star inside is refused': { spec: { hosts: ['a.*.example.com'] }, http: [otherwise('v1')], refused: true },
  'a host twice is refused': { spec: { hosts: ['@HOST', '@HOST'] }, http: [otherwise('v1')], refused: true },
};

const subsetsOf = (...subsets: object[]) => ({ subsets });
const forward = (destination: object): object[] => [{ route: [{ destination }] }];

export const DESTINATIONS: Rows = {
  'a subset that is not there': {
    http: forward({ host: '@HOST', subset: 'v9' }),
    asks: [['GET /', { status: 503, body: '' }]],
  },
  'a host that is not there': { http: forward({ host: 'nobody' }), asks: [['GET /', { status: 503, body: '' }]] },
  'a port that is not there': {
    http: forward({ host: '@HOST', subset: 'v1', port: { number: 81 } }),
    asks: [['GET /', { status: 503, body: '' }]],
  },
  'a subset without instances': {
    rule: subsetsOf({ name: 'empty', labels: { version: 'v9' } }),
    http: forward({ host: '@HOST', subset: 'empty' }),
    asks: [['GET /', { status: 503, body: 'no healthy upstream' }]],
  },
  'a subset without labels has every instance': {
    rule: { ...subsetsOf({ name: 'all' }), trafficPolicy: { loadBalancer: { simple: 'ROUND_ROBIN' } } },
    http: forward({ host: '@HOST', subset: 'all' }),
    asks: [[{ line: 'GET /', times: 30 }, { versions: { v1: 10, v2: 10, v3: 10 } }]],
  },
  'all labels of a subset must fit': {
    rule: subsetsOf({ name: 'both', labels: { version: 'v1', zone: 'a' } }),
    http: forward({ host: '@HOST', subset: 'both' }),
    asks: [['GET /', { status: 503, body: 'no healthy upstream' }]],
  },
  'a short name is completed': { http: forward({ host: '@NAME', subset: 'v3' }), asks: [['GET /', 'v3']] },
  'another service, by its port': {
    more: [service('@NAME-other', ['other.@NAME.example'], 9090)],
    http: [
      {
        match: [{ uri: { prefix: '/named' } }],
        ...(forward({ host: 'other.@NAME.example', port: { number: 9090 } })[0] as object),
      },
      ...forward({ host: 'other.@NAME.example' }),
    ],
    asks: [
      ['GET /named', 'v3'],
      ['GET /', { status: 503, body: '' }],
    ],
  },
};

const withSubsets = (name: string, subsets: object[], rest: object = {}): Partial<KubeObject> => ({
  kind: 'DestinationRule',
  metadata: { name, namespace: 'default' },
  ...{ spec: { host: '@HOST', subsets, ...rest } },
});
const later = { _phase: 1 };
const hashed = (consistentHash: object) => ({ trafficPolicy: { loadBalancer: { consistentHash } } });
const direct = (host = '@HOST'): object[] => forward({ host });
const again = (headers: readonly [string, string][], path = '/') => ({ line: `GET ${path}`, times: 12, headers });

export const RULES: Rows = {
  'subsets of two rules are joined, the older definition winning': {
    http: [when({ uri: { prefix: '/extra' } }, 'extra'), otherwise('v1')],
    more: [
      {
        ...withSubsets('@NAME-more', [
          { name: 'extra', labels: { version: 'v3' } },
          { name: 'v1', labels: { version: 'v2' } },
        ]),
        ...later,
      },
    ],
    asks: [
      ['GET /extra', 'v3'],
      ['GET /', 'v1'],
    ],
  },
  'an exact rule is not joined with a wildcard one': {
    http: [otherwise('wide')],
    more: [
      {
        kind: 'DestinationRule',
        metadata: { name: '@NAME-wide', namespace: 'default' },
        ...{ spec: { host: '*.cluster.local', subsets: [{ name: 'wide', labels: { version: 'v3' } }] } },
      },
    ],
    asks: [['GET /', { status: 503, body: '' }]],
  },
  'a rule for labels that the caller has not does not exist': {
    http: [otherwise('secret')],
    more: [
      {
        ...withSubsets('@NAME-other', [{ name: 'secret', labels: { version: 'v2' } }], {
          workloadSelector: { matchLabels: { app: 'nobody' } },
        }),
        ...later,
      },
    ],
    asks: [['GET /', { status: 503, body: '' }]],
  },
  'turns are exact': {
    rule: { trafficPolicy: { loadBalancer: { simple: 'ROUND_ROBIN' } } },
    http: direct(),
    asks: [[{ line: 'GET /', times: 30 }, { versions: { v1: 10, v2: 10, v3: 10 } }]],
  },
  'a header is one place': {
    rule: hashed({ httpHeaderName: 'X-User' }),
    http: direct(),
    asks: [
      [again([['x-user', 'anna']]), { places: 1 }],
      [again([['X-USER', 'bob']], '/other'), { places: 1 }],
      [{ ...again([]), times: 60 }, { places: 3 }],
    ],
  },
  'a parameter is one place': {
    rule: hashed({ httpQueryParameterName: 'user' }),
    http: direct(),
    asks: [
      [again([], '/?user=anna'), { places: 1 }],
      [again([], '/?a=b&user=anna'), { places: 1 }],
    ],
  },
  'an address is one place': {
    rule: hashed({ useSourceIp: true }),
    http: direct(),
    asks: [
      [again([]), { places: 1 }],
      [again([['x-forwarded-for', '1.2.3.4']]), { places: 1 }],
    ],
  },
  'a cookie is made where there is none': {
    rule: hashed({ httpCookie: { name: 'session', path: '/p', ttl: '60s' } }),
    http: direct(),
    asks: [
      ['GET /', { status: 200, down: { 'set-cookie': 'session="<hash>"; Max-Age=60; Path=/p; HttpOnly' } }],
      [again([['cookie', 'a=b; session=mine']]), { places: 1, down: { 'set-cookie': null } }],
    ],
  },
  'a cookie of the session, and one that nobody makes': {
    rule: hashed({ httpCookie: { name: 'session', ttl: '0s' } }),
    http: direct(),
    asks: [['GET /', { down: { 'set-cookie': 'session="<hash>"; HttpOnly' } }]],
  },
  'a cookie without life time is not made': {
    rule: hashed({ httpCookie: { name: 'session' } }),
    http: direct(),
    asks: [['GET /', { status: 200, down: { 'set-cookie': null } }]],
  },
};

const delegateTo = (name: string, rest: object = {}): object => ({ delegate: { name, namespace: 'default' }, ...rest });
const leaf = (...http: object[]): Partial<KubeObject> => virtualService('@NAME-leaf', { http });
const under = (match: object | undefined, ...http: object[]): Row => ({
  http: [delegateTo('@NAME-leaf', match && { match: [match].flat() }), otherwise('v1')],
  more: [leaf(...http)],
});

export const DELEGATES: Rows = {
  'conditions of both must hold': {
    ...under(
      { uri: { prefix: '/a' } },
      when({ headers: { 'x-a': { exact: '1' } } }, 'v2'),
      when({ uri: { prefix: '/a/b' } }, 'v3'),
    ),
    asks: [
      [{ line: 'GET /a', headers: [['x-a', '1']] }, 'v2'],
      [{ line: 'GET /c', headers: [['x-a', '1']] }, 'v1'],
      ['GET /a/b/c', 'v3'],
      ['GET /a/c', 'v1'],
    ],
  },
  'an exact path under a prefix': {
    ...under({ uri: { prefix: '/a' } }, when({ uri: { exact: '/a/b' } }, 'v2')),
    asks: [
      ['GET /a/b', 'v2'],
      ['GET /a/b/', 'v1'],
    ],
  },
  'what contradicts is dropped': {
    ...under(
      { uri: { exact: '/a' }, headers: { 'x-a': { exact: '1' } } },
      when({ uri: { prefix: '/a' } }, 'v2'),
      when({ headers: { 'x-a': { exact: '2' } } }, 'v2'),
      when({ method: { exact: 'GET' } }, 'v3'),
    ),
    asks: [
      [{ line: 'GET /a', headers: [['x-a', '1']] }, 'v3'],
      [{ line: 'POST /a', headers: [['x-a', '1']] }, 'v1'],
    ],
  },
  'regular expressions of both contradict': {
    ...under({ uri: { regex: '/a.*' } }, when({ uri: { regex: '/ab.*' } }, 'v2')),
    asks: [['GET /abc', 'v1']],
  },
  'every entry with every entry': {
    ...under(
      [{ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }],
      when([{ headers: { x: { exact: '1' } } }, { headers: { y: { exact: '1' } } }], 'v2'),
    ),
    asks: [
      [{ line: 'GET /a', headers: [['x', '1']] }, 'v2'],
      [{ line: 'GET /b', headers: [['y', '1']] }, 'v2'],
      ['GET /a', 'v1'],
    ],
  },
  'without conditions of its own it inherits': {
    ...under({ uri: { prefix: '/a' } }, otherwise('v2')),
    asks: [
      ['GET /a', 'v2'],
      ['GET /b', 'v1'],
    ],
  },
  'settings of the delegate replace those of the root one by one': {
    http: [
      delegateTo('@NAME-leaf', {
        timeout: '9s',
        retries: { attempts: 1, retryOn: '5xx' },
        headers: { request: { set: { 'x-root': '1' } } },
      }),
    ],
    more: [
      leaf(
        when({ uri: { prefix: '/own' } }, 'v2', { headers: { request: { set: { 'x-leaf': '1' } } }, timeout: '3s' }),
        otherwise('v3'),
      ),
    ],
    asks: [
      ['GET /own', { version: 'v2', up: { 'x-leaf': '1', 'x-root': null } }],
      ['GET /', { version: 'v3', up: { 'x-leaf': null, 'x-root': '1' } }],
      [
        { line: 'GET /own', headers: [['x-up', '500,200']] },
        { status: 200, attempts: 2 },
      ],
    ],
  },
  'a rewrite works on the joined prefix': {
    ...under(
      { uri: { prefix: '/a' } },
      when({ uri: { prefix: '/a/b' } }, 'v2', { rewrite: { uri: '/n' } }),
      otherwise('v3', { rewrite: { uri: '/m' } }),
    ),
    asks: [
      ['GET /a/b/c', 'v2 /n/c'],
      ['GET /a/c', 'v3 /m/c'],
    ],
  },
  'one that is not there drops its rule': {
    http: [delegateTo('nobody'), otherwise('v1')],
    asks: [['GET /', 'v1']],
  },
  'and when no rule is left, it is as without': {
    http: [delegateTo('nobody', MARK)],
    asks: [['GET /', unmarked]],
  },
  'one with hosts is none': {
    http: [delegateTo('@NAME-leaf'), otherwise('v1')],
    more: [virtualService('@NAME-leaf', { hosts: ['leaf.@NAME.example'], http: [otherwise('v2')] })],
    asks: [['GET /', 'v1']],
  },
  'one that is not exported to the root is none': {
    http: [{ delegate: { name: '@NAME-leaf', namespace: 'elsewhere' } }, otherwise('v1')],
    more: [
      virtualService(
        '@NAME-leaf',
        { exportTo: ['.'], http: [otherwise('v2')] },
        { metadata: { name: '@NAME-leaf', namespace: 'elsewhere' } },
      ),
    ],
    asks: [['GET /', 'v1']],
  },
  'one of another namespace completes its own names': {
    http: [{ delegate: { name: '@NAME-leaf', namespace: 'elsewhere' } }, otherwise('v1')],
    more: [
      virtualService(
        '@NAME-leaf',
        { http: direct('@NAME') },
        { metadata: { name: '@NAME-leaf', namespace: 'elsewhere' } },
      ),
    ],
    asks: [['GET /', { status: 503, body: '' }]],
  },
  'the namespace may be left out': {
    http: [{ delegate: { name: '@NAME-leaf' } }],
    more: [leaf(otherwise('v2'))],
    asks: [['GET /', 'v2']],
  },
  'a delegate beside a route is refused': { http: [{ ...delegateTo('x'), route: [to('v1')] }], refused: true },
};

export const SEVERAL: Rows = {
  'of two for one host the older one is alone in force': {
    http: [when({ uri: { prefix: '/a' } }, 'v2')],
    more: [virtualService('@NAME-young', { hosts: ['@HOST'], http: [otherwise('v3')] }, later)],
    asks: [
      ['GET /a', 'v2'],
      ['GET /', 404],
    ],
  },
  'the younger one keeps its other hosts': {
    http: [otherwise('v2')],
    more: [
      service('@NAME-other', ['other.@NAME.example']),
      virtualService(
        '@NAME-young',
        { hosts: ['@HOST', 'other.@NAME.example'], http: [{ directResponse: { status: 214 } }] },
        later,
      ),
    ],
    asks: [
      ['GET /', 'v2'],
      [asked('other.@NAME.example'), 214],
    ],
  },
  'of the same age the name decides': {
    http: [otherwise('v2')],
    more: [virtualService('@NAME-z', { hosts: ['@HOST'], http: [otherwise('v3')] })],
    asks: [['GET /', 'v2']],
  },
  'one of another namespace counts as well': {
    http: [otherwise('v2')],
    more: [
      virtualService(
        '@NAME-foreign',
        { hosts: ['@HOST'], http: [otherwise('v3')] },
        { metadata: { name: '@NAME-foreign', namespace: 'elsewhere' }, ...later },
      ),
    ],
    asks: [['GET /', 'v2']],
  },
  'one that is private elsewhere does not': {
    more: [
      virtualService(
        '@NAME-foreign',
        { hosts: ['@HOST'], exportTo: ['.'], http: [{ directResponse: { status: 215 } }] },
        { metadata: { name: '@NAME-foreign', namespace: 'elsewhere' } },
      ),
    ],
    asks: [['GET /', 200]],
  },
  'one that is opened to the caller does': {
    more: [
      virtualService(
        '@NAME-foreign',
        { hosts: ['@HOST'], exportTo: ['default'], http: [{ directResponse: { status: 216 } }] },
        { metadata: { name: '@NAME-foreign', namespace: 'elsewhere' } },
      ),
    ],
    asks: [['GET /', 216]],
  },
  'tcp rules alone leave HTTP as it is': {
    spec: { tcp: [{ route: [{ destination: { host: '@HOST', port: { number: 9080 } } }] }] },
    asks: [['GET /', 200]],
  },
};
