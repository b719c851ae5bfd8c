import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_READING } from '../../src/mesh/table/request-reading.ts';
import { clientAddress } from '../../src/proxy/client-address.ts';

const PEER = '10.0.0.1';
const gateway = (trustedProxies: number) => ({
  role: 'gateway' as const,
  reading: { ...DEFAULT_READING, trustedProxies },
});
const sidecar = { role: 'sidecar' as const, reading: DEFAULT_READING };

describe('whose request it is, behind a gateway', () => {
  test.each<[forwardedFor: string | undefined, byNone: string, byOne: string, byTwo: string, byThree: string]>([
    [undefined, PEER, PEER, PEER, PEER],
    ['', PEER, PEER, PEER, PEER],
    ['1.1.1.1', PEER, '1.1.1.1', PEER, PEER],
    ['1.1.1.1, 2.2.2.2', PEER, '2.2.2.2', '1.1.1.1', PEER],
    ['1.1.1.1,2.2.2.2 ,3.3.3.3', PEER, '3.3.3.3', '2.2.2.2', '1.1.1.1'],
    ['1.1.1.1,,3.3.3.3', PEER, '3.3.3.3', PEER, '1.1.1.1'],
    ['1.1.1.1,', PEER, PEER, '1.1.1.1', PEER],
    [',', PEER, PEER, PEER, PEER],
    ['2001:db8::1,::1', PEER, '::1', '2001:db8::1', PEER],
    ['1.1.1.1:80', PEER, PEER, PEER, PEER],
    ['unknown, 2.2.2.2', PEER, '2.2.2.2', PEER, PEER],
    ['1.1.1.1, _secret', PEER, PEER, '1.1.1.1', PEER],
  ])('with x-forwarded-for %j', (forwardedFor, ...expected) => {
    expect([0, 1, 2, 3].map((trusted) => clientAddress(forwardedFor, PEER, gateway(trusted)))).toEqual(expected);
  });

  test('is nobody whom a stranger could name, however many entries he writes', () => {
    const trusted = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(fc.array(fc.ipV4()), trusted, (strangers, count) => {
        const proxies = Array.from({ length: count }, (_, index) => `192.0.2.${index}`);
        const list = [...strangers, ...proxies].join(', ') || undefined;
        expect(clientAddress(list, PEER, gateway(count))).toBe(proxies[0] ?? PEER);
      }),
    );
  });

  test('is always an address', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 9 }), (list, count) => {
        expect(isIP(clientAddress(list, PEER, gateway(count)))).not.toBe(0);
      }),
    );
  });
});

test.each([
  [undefined, PEER],
  ['1.1.1.1', '1.1.1.1'],
  ['1.1.1.1, 2.2.2.2', '2.2.2.2'],
  ['1.1.1.1, somebody', PEER],
])('beside a caller who writes %j it is %s', (forwardedFor, expected) => {
  expect(clientAddress(forwardedFor, PEER, sidecar)).toBe(expected);
});
