/** What parsing says of an Istio object beside whether it is valid. */

import { describe, expect, test } from 'vitest';
import { parseDestinationRule } from '../../../src/mesh/schema/destination-rule.ts';
import { parseVirtualService } from '../../../src/mesh/schema/virtual-service.ts';

describe('a parsed object', () => {
  const rule = { route: [{ destination: { host: 'web' } }] };
  const parseSpec = (spec: unknown) =>
    parseVirtualService({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'x' },
      spec,
    });

  test('has every issue with its place', () => {
    const parsed = parseSpec({ hosts: ['a', 'a'], http: [{ ...rule, timeout: 'soon' }] });
    expect(parsed).toMatchObject({ ok: false, issues: [{ path: 'spec.http[0].timeout' }] });
  });

  test('with an unknown field outside http rules is accepted with a warning', () => {
    expect(parseSpec({ hosts: ['a'], http: [rule], host: 'b' })).toMatchObject({
      ok: true,
      warnings: [{ path: 'spec.host', message: 'must be a known field: got host' }],
    });
  });

  test('with a misspelled condition is refused, since it would take every request', () => {
    const parsed = parseSpec({ hosts: ['a'], http: [{ ...rule, matches: [{ uri: { prefix: '/a' } }] }] });
    expect(parsed).toMatchObject({ ok: false, issues: [{ path: 'spec.http[0].matches' }] });
  });

  test.each([
    ['a line break in a header value', { headers: { request: { set: { a: 'x\r\ny: z' } } } }],
    ['a weight of more than 32 bits', { route: [{ destination: { host: 'a' }, weight: 2 ** 53 }] }],
    ['a regular expression with a back reference', { match: [{ uri: { regex: '(a)\\1' } }] }],
  ])('with %s is refused, since a proxy could not build it', (_sentence, change) => {
    expect(parseSpec({ hosts: ['a'], http: [{ ...rule, ...change }] }).ok).toBe(false);
  });

  test.each([[null], [7], [[]], [{}], [{ spec: null }], ['x']])('of %j is refused and never throws', (object) => {
    expect(parseVirtualService(object).ok).toBe(false);
    expect(parseDestinationRule(object).ok).toBe(false);
  });
});
