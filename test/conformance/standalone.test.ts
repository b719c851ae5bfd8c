/**
 * A part of the recorded cases through the stand-alone proxy on real sockets, in every test run: each kind of action once or twice.
 * All of them run with `npm run conformance`.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCases } from './envoy/cases.ts';
import { runCase } from './envoy/run-case.ts';
import { type Standalone, startStandalone } from './envoy/standalone.ts';
import { startUpstreams, type Upstreams } from './envoy/upstream.ts';

/** Until the proxy serves, on the busiest of machines. */
const PATIENCE_MS = 120_000;

const NAMES = [
  'host-mixed-case',
  'host-unknown',
  'uri-exact',
  'hdr-connection-nominated',
  'port-match-two-ports',
  'source-labels-all-rules-out',
  'weight-three-way',
  'rw-multi-match',
  'rw-dot-segments',
  'rd-uri-with-query',
  'rd-port-80',
  'ho-route-and-destination',
  'cors-exact',
  'cors-star',
  'mirror-percent-100',
  'fault-abort-no-status',
  'fault-abort-grpc',
  'rt-post-body-repeated',
  'dg-settings-override',
  'ch-header',
  'ch-cookie-attributes',
  'gw-wildcard-host',
  'to-per-try',
  'n-cors-ignore-all',
  'n-gw-headers',
  'n-ho-cors-header-override',
  'n-ho-fault',
  'n-ho-remove-xfp',
  'n-port-80-registered',
  'n-rd-header-remove-location',
  'n-rd-headers',
  'n-sub-selector-and-plain',
];

describe('as a real Istio answered', () => {
  const { cases, results } = readCases();
  const chosen = cases.filter(({ name }) => NAMES.includes(name));
  let upstreams: Upstreams;
  let proxy: Standalone;

  beforeAll(async () => {
    upstreams = await startUpstreams(['e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8']);
    proxy = await startStandalone(chosen, upstreams);
  }, 120_000);
  afterAll(async () => {
    await proxy?.close();
    await upstreams?.close();
  }, PATIENCE_MS);

  test('every named case is recorded', () => {
    expect(chosen.map(({ name }) => name).sort()).toEqual(NAMES.toSorted());
  });

  test.each(chosen)('$area: $name', async (each) => {
    const verdicts = await runCase(each, results.get(each.name) ?? [], { proxy, upstreams });
    // How long an answer takes is up to the machine here.
    const differences = verdicts.flatMap(({ i, differences: list }) => list.map((text) => `${i}: ${text}`));
    expect(differences.filter((text) => !text.includes(': seconds: '))).toEqual([]);
  });
});
