import { describe, expect, test } from 'vitest';
import { buildRedirect } from '../../../src/mesh/table/redirect-location.ts';
import type { Redirect } from '../../../src/mesh/table/route-table.ts';

type Parts = Omit<Redirect, 'status'>;
const to = (path: string): Parts => ({ path: { kind: 'whole', to: path } });

describe('the location of a redirect', () => {
  test.each<[string, Parts, string]>([
    ['keeps what is not configured', {}, 'http://web:8080/a?b=c'],
    ['replaces the whole path and appends the query', to('/new'), 'http://web:8080/new?b=c'],
    ['has the query of the configured path, if there is one', to('/new?d=e'), 'http://web:8080/new?d=e'],
    ['drops the port of the request with an authority', { authority: 'other' }, 'http://other/a?b=c'],
    ['keeps the port of the request with a scheme', { scheme: 'https' }, 'https://web:8080/a?b=c'],
    ['replaces the port', { port: 9090 }, 'http://web:9090/a?b=c'],
    ['joins authority and port', { authority: 'other', port: 9090 }, 'http://other:9090/a?b=c'],
    ['replaces a prefix', { path: { kind: 'prefix', prefix: '/', to: '/sub/' } }, 'http://web:8080/sub/a?b=c'],
  ])('%s', (_, parts, expected) => {
    const location = buildRedirect({ status: 301, ...parts });
    expect(location({ scheme: 'http', authority: 'web:8080', path: '/a?b=c' })).toBe(expected);
  });

  test('drops port 80 when the scheme becomes https', () => {
    const location = buildRedirect({ status: 301, scheme: 'https' });
    expect(location({ scheme: 'http', authority: 'web:80', path: '/' })).toBe('https://web/');
  });
});
