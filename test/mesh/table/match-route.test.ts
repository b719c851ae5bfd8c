import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildVirtualHost, matchRoute } from '../../../src/mesh/table/built-table.ts';
import { queryParameter, type RequestHead } from '../../../src/mesh/table/match-route.ts';
import type { RouteMatch, StringMatch } from '../../../src/mesh/table/route-table.ts';

type Request = { method?: string; path?: string; authority?: string; scheme?: string; headers?: [string, string][] };

function headOf({
  method = 'GET',
  path = '/',
  authority = 'web',
  scheme = 'http',
  headers = [],
}: Request): RequestHead {
  const values = (name: string) => headers.filter(([other]) => other === name).map(([, value]) => value);
  return { method, path, authority, scheme, header: (name) => values(name)[0], headerValues: values };
}

function matches(match: RouteMatch, request: Request): boolean {
  const route = {
    name: 'tested',
    match,
    action: { kind: 'directResponse', status: 200, body: '' },
  } as const;
  return (
    matchRoute(buildVirtualHost({ name: 'web:80', domains: ['web'], routes: [route] }), headOf(request)) !== undefined
  );
}

const exact = (value: string): StringMatch => ({ kind: 'exact', value });
const prefix = (value: string): StringMatch => ({ kind: 'prefix', value });
const regex = (value: string): StringMatch => ({ kind: 'regex', value });
const present: StringMatch = { kind: 'present' };
const header = (value: string, name = 'x-user'): Request => ({ headers: [[name, value]] });

describe('a uri condition', () => {
  test.each<[string, RouteMatch, string, boolean]>([
    ['exact compares without the query', { uri: exact('/foo') }, '/foo?a=1', true],
    ['exact cares about a trailing slash', { uri: exact('/foo') }, '/foo/', false],
    ['exact cares about case', { uri: exact('/foo') }, '/FOO', false],
    ['exact "" matches nothing', { uri: exact('') }, '/', false],
    ['prefix is a string prefix', { uri: prefix('/foo') }, '/foobar', true],
    ['prefix /foo/ does not match /foo', { uri: prefix('/foo/') }, '/foo', false],
    ['prefix "" matches everything', { uri: prefix('') }, '/x', true],
    ['a query in a prefix never matches', { uri: prefix('/foo?a') }, '/foo?a=1', false],
    ['OPTIONS * matches no prefix /', { uri: prefix('/') }, '*', false],
    ['a regex covers the whole path', { uri: regex('bar') }, '/xbary', false],
    ['a regex does not see the query', { uri: regex('/a') }, '/a?b', true],
    ['alternation is whole', { uri: regex('/a|/b/.*') }, '/b/x', true],
    ['alternation is whole, also its first branch', { uri: regex('/a|/b/.*') }, '/ab', false],
    ['(?i) works', { uri: regex('(?i)/foo') }, '/FOO', true],
    ['ignoreUriCase works for exact', { uri: exact('/Foo'), ignoreUriCase: true }, '/fOO', true],
    ['ignoreUriCase works for prefix', { uri: prefix('/Foo'), ignoreUriCase: true }, '/fOObar', true],
    ['ignoreUriCase does nothing for regex', { uri: regex('/foo'), ignoreUriCase: true }, '/FOO', false],
    ['double slashes stay', { uri: exact('/foo') }, '//foo', false],
  ])('%s', (_sentence, match, path, expected) => {
    expect(matches(match, { path })).toBe(expected);
  });
});

describe('a header condition', () => {
  const on = (match: StringMatch): RouteMatch => ({ headers: { 'x-user': match } });
  test.each<[string, RouteMatch, Request, boolean]>([
    ['values are case sensitive', on(exact('jason')), header('Jason'), false],
    ['an absent header does not match', on(exact('jason')), {}, false],
    ['presence takes an empty value', on(present), header(''), true],
    ['presence needs the header', on(present), {}, false],
    ['regex .* needs the header', on(regex('.*')), {}, false],
    ['regex .* takes an empty value', on(regex('.*')), header(''), true],
    ['exact "" needs the header', on(exact('')), {}, false],
    ['exact "" takes an empty value', on(exact('')), header(''), true],
    ['a regex covers the whole value', on(regex('\\d+')), header('12x'), false],
    [
      'a cookie regex without \\s* misses a later cookie',
      on(regex('^(.*;)?(user=j)(;.*)?$')),
      header('a=1; user=j'),
      false,
    ],
    [
      'of repeated headers one is enough',
      on(exact('2')),
      {
        headers: [
          ['x-user', '1'],
          ['x-user', '2'],
        ],
      },
      true,
    ],
    [
      'repeated headers are not joined',
      on(exact('1,2')),
      {
        headers: [
          ['x-user', '1'],
          ['x-user', '2'],
        ],
      },
      false,
    ],
    [':authority is Host with its port', { headers: { ':authority': exact('web:80') } }, { authority: 'web:80' }, true],
    ['host means :authority', { headers: { host: exact('web:80') } }, { authority: 'web:80' }, true],
    [':path includes the query', { headers: { ':path': exact('/a?b') } }, { path: '/a?b' }, true],
    [':method works', { headers: { ':method': exact('PUT') } }, { method: 'PUT' }, true],
  ])('%s', (_sentence, match, request, expected) => {
    expect(matches(match, request)).toBe(expected);
  });
});

describe('a withoutHeaders condition', () => {
  const without = (match: StringMatch): RouteMatch => ({ withoutHeaders: { 'x-user': match } });
  test.each<[string, RouteMatch, Request, boolean]>([
    ['exact is satisfied by absence', without(exact('jason')), {}, true],
    ['exact is satisfied by another value', without(exact('jason')), header('eva'), true],
    ['exact is violated by its value', without(exact('jason')), header('jason'), false],
    ['presence is satisfied by absence', without(present), {}, true],
    ['presence is violated by an empty value', without(present), header(''), false],
    ['prefix is satisfied by absence', without(prefix('j')), {}, true],
    ['regex j.* is satisfied by absence', without(regex('j.*')), {}, true],
    ['regex .* is never satisfied, not by absence', without(regex('.*')), {}, false],
    [
      'a repeated header violates with any value',
      without(exact('2')),
      {
        headers: [
          ['x-user', '1'],
          ['x-user', '2'],
        ],
      },
      false,
    ],
  ])('%s', (_sentence, match, request, expected) => {
    expect(matches(match, request)).toBe(expected);
  });
});

describe('a query parameter condition', () => {
  const on = (match: StringMatch, name = 'user'): RouteMatch => ({ queryParams: { [name]: match } });
  test.each<[string, RouteMatch, string, boolean]>([
    ['values are compared in raw form', on(exact('jason')), '/?user=ja%73on', false],
    ['names are compared in raw form', on(exact('jason')), '/?%75ser=jason', false],
    ['a percent-encoded blank is literal', on(exact('a%20b')), '/?user=a%20b', true],
    ['the first of repeated parameters counts', on(exact('b')), '/?user=a&user=b', false],
    ['a parameter without = is empty', on(exact('')), '/?user', true],
    ['a parameter with = only is empty', on(exact('')), '/?user=', true],
    ['presence needs the parameter', on(present), '/?other', false],
    ['presence takes an empty value', on(present), '/?user', true],
    ['regex .* needs the parameter', on(regex('.*')), '/', false],
    ['; is no separator', on(exact('b')), '/?a=1;user=b', false],
    ['stray & do no harm', on(exact('b')), '/?&&user=b&', true],
    ['a longer name is another one', on(present), '/?username=1', false],
    ['names are case sensitive', on(present), '/?User=1', false],
  ])('%s', (_sentence, match, path, expected) => {
    expect(matches(match, { path })).toBe(expected);
  });

  test('finds what any list of pairs puts first under the name', () => {
    const word = fc.stringMatching(/^[a-c]{0,2}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { maxLength: 6 }), word, (pairs, name) => {
        const target = `/p?${pairs.map(([key, value]) => `${key}=${value}`).join('&')}`;
        const expected =
          pairs.find(([key]) => key === name)?.[1] ?? (pairs.length === 0 && name === '' ? '' : undefined);
        expect(queryParameter(target, name)).toBe(expected);
      }),
    );
  });
});

describe('one match entry', () => {
  test('needs all of its conditions', () => {
    const match: RouteMatch = {
      uri: prefix('/a'),
      method: exact('GET'),
      scheme: exact('https'),
      authority: exact('web'),
    };
    const request: Request = { path: '/a', scheme: 'https' };
    expect(matches(match, request)).toBe(true);
    for (const other of [{ path: '/b' }, { method: 'get' }, { scheme: 'http' }, { authority: 'WEB' }]) {
      expect(matches(match, { ...request, ...other })).toBe(false);
    }
  });

  test('an entry with a condition and its opposite takes exactly complementary requests', () => {
    const value = fc.option(fc.stringMatching(/^[ab]{0,3}$/), { nil: undefined });
    const condition = fc.constantFrom<StringMatch>(present, exact('a'), prefix('a'), regex('a.*'), regex('b+'));
    fc.assert(
      fc.property(value, condition, (found, match) => {
        const request = found === undefined ? {} : header(found);
        const holds = matches({ headers: { 'x-user': match } }, request);
        expect(matches({ withoutHeaders: { 'x-user': match } }, request)).toBe(!holds);
      }),
    );
  });
});

test('the first route that matches decides, and none means no route', () => {
  const action = { kind: 'directResponse', status: 200, body: '' } as const;
  const host = buildVirtualHost({
    name: 'web:80',
    domains: ['web'],
    routes: [
      { name: 'narrow', match: { uri: prefix('/a') }, action },
      { name: 'wide', match: { uri: prefix('/') }, action },
      { name: 'never', match: { uri: exact('/a') }, action },
    ],
  });
  expect(matchRoute(host, headOf({ path: '/a' }))?.route.name).toBe('narrow');
  expect(matchRoute(host, headOf({ path: '/b' }))?.index).toBe(1);
  expect(matchRoute(host, headOf({ path: '*', method: 'OPTIONS' }))).toBeUndefined();
});

test('a regular expression that backtracking engines choke on takes no time', () => {
  expect(matches({ uri: regex('(a+)+$') }, { path: `/${'a'.repeat(5_000)}!` })).toBe(false);
});

describe('many routes', () => {
  const uri = fc.oneof(
    fc.constant(undefined),
    fc.record({
      kind: fc.constantFrom('exact', 'prefix', 'regex'),
      value: fc.constantFrom('/', '/a', '/a/b', '/ab', ''),
    }),
  ) as fc.Arbitrary<StringMatch | undefined>;
  const match = fc.record({
    uri,
    ignoreUriCase: fc.boolean(),
    method: fc.constantFrom(undefined, exact('GET'), exact('PUT')),
  });

  test('are taken as the list says, however they are looked up', () => {
    fc.assert(
      fc.property(
        fc.array(match, { minLength: 9, maxLength: 30 }),
        fc.constantFrom('/', '/a', '/A', '/a/b?c=d', '/abc', '/b', '*'),
        (matches, path) => {
          const routes = matches.map(({ uri, ignoreUriCase, method }, index) => ({
            name: String(index),
            match: { ignoreUriCase, ...(uri !== undefined && { uri }), ...(method !== undefined && { method }) },
            action: { kind: 'directResponse', status: 200, body: '' } as const,
          }));
          const takenFrom = (some: typeof routes) =>
            matchRoute(buildVirtualHost({ name: 'web:80', domains: ['web'], routes: some }), headOf({ path }))?.route;
          const first = routes.find((route) => takenFrom([route]) !== undefined);
          expect(takenFrom(routes)).toBe(first);
        },
      ),
    );
  });
});
