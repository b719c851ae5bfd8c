/** What of a cluster lives on when a new table comes. */

import { describe, expect, test } from 'vitest';
import type { Cluster, Endpoint } from '../../../src/mesh/table/route-table.ts';
import { SeriesStore } from '../../../src/proxy/telemetry/series-store.ts';
import { chooseEndpoint } from '../../../src/proxy/upstream/choose-endpoint.ts';
import {
  type ClusterState,
  ejectEndpoint,
  ejectExactly,
  nextClusterState,
} from '../../../src/proxy/upstream/cluster-state.ts';
import type { EndpointState } from '../../../src/proxy/upstream/endpoint-state.ts';
import { clusterItem, labelsOf } from '../../support/sample-table.ts';

const outliers: Cluster['outliers'] = {
  consecutive5xx: 5,
  consecutiveGateway: 0,
  intervalMs: 1_000,
  baseEjectionMs: 1_000,
  ejectedPercentMost: 50,
  healthyPercentLeast: 0,
};
const endpointAt = (port: number, more: Partial<Endpoint> = {}): Endpoint => ({
  address: `127.0.0.1:${port}`,
  labels: labelsOf('web'),
  ...more,
});

describe('a cluster in a new table', () => {
  let nowMs = 0;
  const site = { random: () => 0, nowMs: () => nowMs, store: new SeriesStore() };
  const next = (endpoints: readonly Endpoint[], policy: Partial<Cluster> = {}, before?: ClusterState) =>
    nextClusterState(
      clusterItem('web', { outliers, loadBalancer: 'ROUND_ROBIN', ...policy }).value as Cluster,
      { cluster: 'web', endpoints },
      before,
      site,
    );
  const choose = (state: ClusterState) => chooseEndpoint(state, { nowMs, random: () => 0 })?.port;
  const first = (state: ClusterState) => state.endpoints[0] as EndpointState;

  test('keeps connections, counts and age of its endpoints, with new labels, too', () => {
    const before = next([endpointAt(1)]);
    nowMs = 5_000;
    first(before).outliers.errors = 3;
    before.load.requests = 2;
    const after = next([endpointAt(1, { labels: labelsOf('other'), weight: 3 }), endpointAt(2)], {}, before);
    expect(first(after)).toBe(first(before));
    expect(first(after)).toMatchObject({ addedMs: 0, weight: 3, outliers: { errors: 3 } });
    expect(first(after).endpoint.labels.workload).toBe('other');
    expect(after.endpoints[1]?.addedMs).toBe(5_000);
    expect(after.load).toBe(before.load);
    nowMs = 0;
  });

  test('has the limits of the new one', () => {
    const before = next([endpointAt(1)], { limits: { requests: 1 } });
    before.load.requests = 1;
    expect(before.load.mayRequest).toBe(false);
    expect(next([endpointAt(1)], { limits: { requests: 2 } }, before).load.mayRequest).toBe(true);
  });

  test('goes on with the turn', () => {
    const before = next([endpointAt(1), endpointAt(2)]);
    expect(choose(before)).toBe(1);
    expect(choose(next([endpointAt(1), endpointAt(2)], {}, before))).toBe(2);
  });

  test('leaves out who was out, and lets in who comes back', () => {
    const before = next([endpointAt(1), endpointAt(2)]);
    expect(ejectEndpoint(before, '127.0.0.1:1')).toBe(true);
    expect(ejectEndpoint(before, '127.0.0.1:2')).toBe(false);
    const after = next([endpointAt(1), endpointAt(2), endpointAt(3)], {}, before);
    expect(new Set(Array.from({ length: 6 }, () => choose(after)))).toEqual(new Set([2, 3]));
    ejectExactly(after, []);
    expect(new Set(Array.from({ length: 6 }, () => choose(after)))).toEqual(new Set([1, 2, 3]));
  });

  test('lets in everybody when detection is switched off', () => {
    const before = next([endpointAt(1), endpointAt(2)]);
    ejectEndpoint(before, '127.0.0.1:1');
    const { outliers: _, ...without } = before.cluster;
    const after = nextClusterState(without, { cluster: 'web', endpoints: [endpointAt(1)] }, before, site);
    expect(choose(after)).toBe(1);
  });

  test('serves what is far when what is near is out', () => {
    const near = [endpointAt(1), endpointAt(2)];
    const state = next([...near, endpointAt(3, { priority: 1 })]);
    expect(choose(state)).not.toBe(3);
    ejectExactly(
      state,
      near.map(({ address }) => address),
    );
    expect(choose(state)).toBe(3);
  });
});
