/** Names of namespaces: the same ones are good wherever an Istio resource names one. */

import { describe, expect, test } from 'vitest';
import { readResources } from '../../../src/mesh/read-resources.ts';
import { isDnsLabel } from '../../../src/mesh/schema/dns-label.ts';

const LONGEST = 'n'.repeat(63);

const NAMES: [name: string, isGood: boolean][] = [
  ['shop', true],
  ['shop-2', true],
  ['2shop', true],
  ['Shop', true],
  ['s', true],
  [LONGEST, true],
  [`${LONGEST}n`, false],
  ['-shop', false],
  ['shop-', false],
  ['shop_2', false],
  ['sho p', false],
  ['shöp', false],
];

const route = [{ destination: { host: 'web' } }];
const port = { number: 80, name: 'http', protocol: 'HTTP' };

/** Where a namespace may be named, by sentence. */
const PLACES: Record<string, (namespace: string) => { kind: string; spec: object }> = {
  'exportTo of a VirtualService': (namespace) => ({
    kind: 'VirtualService',
    spec: { hosts: ['web'], http: [{ route }], exportTo: [namespace] },
  }),
  'a Gateway of a VirtualService': (namespace) => ({
    kind: 'VirtualService',
    spec: { hosts: ['web.example.com'], gateways: [`${namespace}/gw`], http: [{ route }] },
  }),
  'the egress of a Sidecar': (namespace) => ({
    kind: 'Sidecar',
    spec: { egress: [{ hosts: [`${namespace}/*`] }] },
  }),
  'the hosts of a Gateway': (namespace) => ({
    kind: 'Gateway',
    spec: { servers: [{ port, hosts: [`${namespace}/web.example.com`] }] },
  }),
};

describe.each(NAMES)('%j', (name, isGood) => {
  test(`is ${isGood ? 'a' : 'no'} DNS label`, () => expect(isDnsLabel(name)).toBe(isGood));

  test.each(Object.entries(PLACES))(`is ${isGood ? 'good' : 'refused'} in %s`, (_place, objectOf) => {
    const object = {
      apiVersion: 'networking.istio.io/v1',
      metadata: { name: 'tested', namespace: 'default' },
      ...objectOf(name),
    };
    const { issues } = readResources([object], { strict: true });
    expect(issues.filter(({ level }) => level === 'error').length > 0).toBe(!isGood);
  });
});
