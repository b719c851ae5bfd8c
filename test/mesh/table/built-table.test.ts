import { describe, expect, test } from 'vitest';
import { buildTable } from '../../../src/mesh/table/built-table.ts';
import { EMPTY_TABLE, type VirtualHost } from '../../../src/mesh/table/route-table.ts';

const host = (name: string, domains: readonly string[]): [string, VirtualHost] => [name, { name, domains, routes: [] }];

const { hosts } = buildTable({
  ...EMPTY_TABLE,
  virtualHosts: Object.fromEntries([
    host('web', ['web.default.svc.cluster.local', 'web', 'web.default']),
    host('web-admin', ['web:9090', 'web.default:9090']),
    host('wide', ['*.example.com']),
    host('narrow', ['*.api.example.com']),
    host('europe', ['*-eu.example.com']),
    host('fleet', ['*boats.example.org']),
    host('late', ['web', 'late']),
    host('six', ['[::1]']),
  ]),
});

describe('the virtual host of a request', () => {
  test.each<[string, string, string | undefined]>([
    ['is found by an exact domain', 'web.default', 'web'],
    ['is found in any case', 'WEB.Default.SVC.cluster.local', 'web'],
    ['ignores the port', 'web:8080', 'web'],
    ['ignores a port that is no number', 'web:abc', 'web'],
    ['ignores an empty port', 'web:', 'web'],
    ['is the one of a further port when Host names it', 'web:9090', 'web-admin'],
    ['is the one with the longest wildcard', 'x.api.example.com', 'narrow'],
    ['is a shorter wildcard else', 'x.y.example.com:80', 'wide'],
    ['may end a label after its wildcard', 'shop-eu.example.com', 'europe'],
    ['may end anything after its wildcard', 'sail.rowboats.example.org', 'fleet'],
    ['is no wildcard that nothing stands for', 'boats.example.org', undefined],
    ['is no wildcard for the bare parent', 'example.com', undefined],
    ['is no wildcard for a name that starts with the dot', '.example.com', undefined],
    ['is the first of two that claim a domain', 'web', 'web'],
    ['keeps the other domains of the second', 'late', 'late'],
    ['may be an IPv6 literal', '[::1]:80', 'six'],
    ['may be an IPv6 literal without a port', '[::1]', 'six'],
    ['is nobody for an unknown name', 'web.default.svc.cluster', undefined],
    ['is nobody for no name', '', undefined],
  ])('%s', (_sentence, authority, expected) => {
    expect(hosts.find(authority)?.name).toBe(expected);
  });

  test('is the one of * when nothing else fits', () => {
    const table = buildTable({ ...EMPTY_TABLE, virtualHosts: Object.fromEntries([host('any', ['*'])]) });
    expect(table.hosts.find('whatever')?.name).toBe('any');
  });
});
