import { describe, expect, test } from 'vitest';
import { buildVirtualHost } from '../../../src/mesh/table/built-table.ts';
import { explainRoute } from '../../../src/mesh/table/explain-route.ts';
import type { RequestHead } from '../../../src/mesh/table/match-route.ts';
import type { Route } from '../../../src/mesh/table/route-table.ts';

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

describe('an explanation', () => {
  test('names the conditions that failed, and the shares of what took the request', () => {
    expect(explainRoute(host, request('/a'))).toEqual({
      virtualHost: 'web:80',
      rules: [
        {
          name: 'staff',
          taken: false,
          conditions: [
            { text: 'uri prefix "/A"', holds: true },
            { text: 'header x-user is there', holds: false },
          ],
        },
        { name: 'old', taken: false, conditions: [{ text: 'uri exact "/old"', holds: false }] },
        { name: 'split', taken: true, conditions: [{ text: 'uri prefix "/a"', holds: true }] },
      ],
      outcome: ['25 % to canary', '75 % to primary'],
    });
  });

  test('says what would be rewritten', () => {
    const { outcome } = explainRoute(host, request('/a/x?y', { 'x-user': 'anna' }));
    expect(outcome).toEqual(['100 % to canary', 'path becomes /b/x?y']);
  });

  test('says where a redirect points', () => {
    expect(explainRoute(host, request('/old')).outcome).toEqual(['redirected with 301 to http://web/old']);
  });

  test('shows every rule when none takes the request', () => {
    const { rules, outcome } = explainRoute(host, request('/other'));
    expect(rules.map(({ taken }) => taken)).toEqual([false, false, false]);
    expect(outcome).toEqual(['404: no rule takes the request']);
  });
});
