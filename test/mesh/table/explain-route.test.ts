import { describe, expect, test } from 'vitest';
import { buildVirtualHost } from '../../../src/mesh/table/built-table.ts';
import { explainRoute } from '../../../src/mesh/table/explain-route.ts';
import type { RequestHead } from '../../../src/mesh/table/match-route.ts';
import { EMPTY_TABLE, type Route } from '../../../src/mesh/table/route-table.ts';

const request = (path: string, headers: Readonly<Record<string, string>> = {}): RequestHead => ({
  method: 'GET',
  path,
  authority: 'web',
  scheme: 'http',
  header: (name) => headers[name],
});
const forward = (clusters: Readonly<Record<string, number>>): Route['action'] => ({
  kind: 'forward',
  clusters: Object.entries(clusters).map(([cluster, weight]) => ({ cluster, weight })),
  mirrors: [],
});
const host = buildVirtualHost({
  name: 'web:80',
  domains: ['web'],
  routes: [
    {
      name: 'staff',
      match: { uri: { kind: 'prefix', value: '/A' }, ignoreUriCase: true, headers: { 'x-user': { kind: 'present' } } },
      rewrite: { kind: 'prefix', prefix: '/A', to: '/b' },
      action: forward({ canary: 1 }),
    },
    { name: 'old', match: { uri: { kind: 'exact', value: '/old' } }, action: { kind: 'redirect', status: 301 } },
    { name: 'split', match: { uri: { kind: 'prefix', value: '/a' } }, action: forward({ canary: 1, primary: 3 }) },
  ],
});

const explained = (path: string, headers = {}) => explainRoute(host, request(path, headers), EMPTY_TABLE);

describe('an explanation', () => {
  test('names the conditions that failed with what the request has, and the shares of what took it', () => {
    expect(explained('/a')).toEqual({
      virtualHost: 'web:80',
      rules: [
        {
          name: 'staff',
          taken: false,
          conditions: [
            { text: 'uri prefix "/A" in any case', holds: true, found: '/a' },
            { text: 'header x-user is there', holds: false, found: null },
          ],
        },
        { name: 'old', taken: false, conditions: [{ text: 'uri exact "/old"', holds: false, found: '/a' }] },
        { name: 'split', taken: true, conditions: [{ text: 'uri prefix "/a"', holds: true, found: '/a' }] },
      ],
      untried: 0,
      outcome: {
        kind: 'forward',
        destinations: [
          { cluster: 'canary', percent: 25, endpoints: [] },
          { cluster: 'primary', percent: 75, endpoints: [] },
        ],
        mirrors: [],
        path: '/a',
        authority: 'web',
      },
    });
  });

  test('says what would be rewritten', () => {
    expect(explained('/a/x?y', { 'x-user': 'anna' })).toMatchObject({ untried: 2, outcome: { path: '/b/x?y' } });
  });

  test('says where a redirect points', () => {
    expect(explained('/old').outcome).toEqual({ kind: 'redirect', status: 301, location: 'http://web/old' });
  });

  test('shows every rule when none takes the request', () => {
    const { rules, outcome } = explained('/other');
    expect(rules.map(({ taken }) => taken)).toEqual([false, false, false]);
    expect(outcome).toEqual({ kind: 'noRoute', status: 404 });
  });

  test('has the policy and the endpoints of a destination', () => {
    const cluster = {
      name: 'primary',
      service: { host: 'web', name: 'web', namespace: 'default' },
      connectTimeoutMs: 1_000,
      loadBalancer: 'RANDOM',
    } as const;
    const labels = {
      workload: 'web',
      namespace: 'default',
      app: '',
      version: '',
      canonicalService: '',
      canonicalRevision: '',
    };
    const endpoints = { cluster: 'primary', endpoints: [{ address: '10.0.0.1:80', labels }] };
    const table = { ...EMPTY_TABLE, clusters: { primary: cluster }, endpoints: { primary: endpoints } };
    const { outcome } = explainRoute(host, request('/a'), table);
    expect(outcome).toMatchObject({
      destinations: [{ endpoints: [] }, { percent: 75, policy: cluster, endpoints: ['10.0.0.1:80'] }],
    });
  });
});

test('a preflight that the proxy answers is none of the destinations', () => {
  const cors = { origins: [{ kind: 'exact', value: 'https://a.com' }], allowMethods: 'GET' } as const;
  const asked = buildVirtualHost({
    name: 'web',
    domains: ['web'],
    routes: [{ name: 'r', cors, action: forward({ web: 1 }) }],
  });
  const head = {
    ...request('/', { origin: 'https://a.com', 'access-control-request-method': 'GET' }),
    method: 'OPTIONS',
  };
  expect(explainRoute(asked, head, EMPTY_TABLE).outcome).toMatchObject({
    kind: 'preflight',
    headers: { 'access-control-allow-origin': 'https://a.com' },
  });
});
