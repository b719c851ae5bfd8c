/** Which version gets a request: the routing examples of the articles (scenarios S1 to S4, S22). */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  countBy,
  documents,
  instanceOf,
  type Mesh,
  PATIENCE_MS,
  type Question,
  service,
  startMesh,
  subsets,
} from './mesh.ts';

const YAML = documents(
  service('reviews', { v1: ['e1'], v2: ['e2'], v3: ['e3'] }),
  subsets('reviews', ['v1', 'v2', 'v3']),
  `apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: { name: reviews }
spec:
  hosts: [reviews]
  http:
    - match: [{ headers: { end-user: { exact: jason } } }]
      route: [{ destination: { host: reviews, subset: v2 } }]
    - route: [{ destination: { host: reviews, subset: v1 } }]
`,
  service('browsers', { v1: ['e1'], v2: ['e2'], v3: ['e3'] }),
  subsets('browsers', ['v1', 'v2', 'v3']),
  `apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: { name: browsers }
spec:
  hosts: [browsers]
  http:
    - match: [{ headers: { user-agent: { regex: '.*Chrome.*' } } }]
      route: [{ destination: { host: browsers, subset: v2 } }]
    - match: [{ uri: { prefix: /api/v2 } }]
      route: [{ destination: { host: browsers, subset: v3 } }]
    - route: [{ destination: { host: browsers, subset: v1 } }]
`,
  service('debugged', { v1: ['e1'], debug: ['e4'] }),
  subsets('debugged', ['v1', 'debug']),
  `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: debugged }
spec:
  hosts: [debugged]
  http:
    - match:
        - headers: { x-debug: { exact: "on" } }
          queryParams: { trace: { exact: full } }
          method: { exact: POST }
          uri: { prefix: /orders }
      route: [{ destination: { host: debugged, subset: debug } }]
`,
  service('orders', { v1: ['e1'], 'tenant-a': ['e2'] }),
  subsets('orders', ['v1', 'tenant-a']),
  `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: orders }
spec:
  hosts: [orders]
  http:
    - match: [{ headers: { x-tenant: { exact: tenant-a } } }]
      rewrite: { uri: /tenant/tenant-a }
      route: [{ destination: { host: orders, subset: tenant-a } }]
    - route: [{ destination: { host: orders, subset: v1 } }]
`,
  service('shares', { v1: ['e1'], v2: ['e2'] }),
  subsets('shares', ['v1', 'v2']),
  ...[
    ['most', 90, 10],
    ['nearly-all', 95, 5],
  ].map(
    ([name, one, other]) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec:
  hosts: [${name}.example.com]
  http:
    - route:
        - { destination: { host: shares, subset: v1, port: { number: 9080 } }, weight: ${one} }
        - { destination: { host: shares, subset: v2, port: { number: 9080 } }, weight: ${other} }
`,
  ),
);

let mesh: Mesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: YAML });
}, PATIENCE_MS);
afterAll(() => mesh?.close());

type Row = [sentence: string, question: Question, answer: string | number];

async function answerOf(question: Question): Promise<string | number> {
  const reply = await mesh.ask(question);
  return reply.status === 200 ? instanceOf(reply) : reply.status;
}

describe('S1: a user is routed by a header', () => {
  test.each<Row>([
    ['jason goes to v2', { headers: { 'end-user': 'jason' } }, 'e2'],
    ['the name of a header has no case', { headers: { 'End-User': 'jason' } }, 'e2'],
    ['a value has', { headers: { 'end-user': 'Jason' } }, 'e1'],
    ['a longer name is another one', { headers: { 'end-user': 'jasonx' } }, 'e1'],
    ['two names in one field are no name', { headers: { 'end-user': 'jason,jason' } }, 'e1'],
    ['one of several fields is enough', { headers: { 'end-user': ['anna', 'jason'] } }, 'e2'],
    ['everybody else goes to v1', {}, 'e1'],
  ])('%s', async (_, question, answer) => expect(await answerOf({ host: 'reviews', ...question })).toBe(answer));
});

describe('S2: weights share the requests', () => {
  test.each([
    ['most.example.com', 50],
    ['nearly-all.example.com', 25],
  ])('of %s the smaller share is exact', async (host, expected) => {
    const replies = await mesh.askMany(500, () => ({ host }));
    expect(countBy(replies, instanceOf)).toEqual({ e1: 500 - expected, e2: expected });
  });
});

describe('S3: a browser is recognised by a regular expression', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537.36';
  test.each<Row>([
    ['Chrome goes to v2', { headers: { 'user-agent': chrome } }, 'e2'],
    ['in lower case it is another word', { headers: { 'user-agent': 'chrome' } }, 'e1'],
    ['a prefix is no path segment', { path: '/api/v2x' }, 'e3'],
    ['the first rule that matches decides', { path: '/api/v2', headers: { 'user-agent': chrome } }, 'e2'],
    ['without the field the expression does not match', { path: '/api' }, 'e1'],
  ])('%s', async (_, question, answer) => expect(await answerOf({ host: 'browsers', ...question })).toBe(answer));
});

describe('S4: all conditions of one match must hold', () => {
  const all = { method: 'POST', path: '/orders/7?trace=full', headers: { 'x-debug': 'on' }, body: 'x' };
  test.each<Row>([
    ['all of them', all, 'e4'],
    ['another method', { ...all, method: 'PUT' }, 404],
    ['another path', { ...all, path: '/order?trace=full' }, 404],
    ['another header', { ...all, headers: { 'x-debug': 'off' } }, 404],
    ['no parameter', { ...all, path: '/orders/7' }, 404],
    ['the parameter given twice, the first one counting', { ...all, path: '/orders?trace=no&trace=full' }, 404],
  ])('%s', async (_, question, answer) => expect(await answerOf({ host: 'debugged', ...question })).toBe(answer));
});

test('S22: without a match on the path, the slash is what a rewrite replaces', async () => {
  const reply = await mesh.ask({ host: 'orders', path: '/orders?id=1', headers: { 'x-tenant': 'tenant-a' } });
  expect(instanceOf(reply)).toBe('e2');
  expect(reply.received[0]?.path).toBe('/tenant/tenant-aorders?id=1');
  expect(mesh.findings()).toMatch(/^warning SL0307 VirtualService default\/orders: .*spec\.http\[0\]\.rewrite\.uri/m);
});
