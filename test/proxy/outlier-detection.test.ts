/** Endpoints that fail are taken out by every worker, and what is out stays so with a new table (istio.md 5.4). */

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Cluster } from '../../src/mesh/table/route-table.ts';
import { type HeldUpstream, heldUpstream } from '../support/held-upstream.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';

const soon = { timeout: 30_000, interval: 20 };
const outliers: Cluster['outliers'] = {
  consecutive5xx: 2,
  consecutiveGateway: 0,
  intervalMs: 50,
  baseEjectionMs: 600_000,
  ejectedPercentMost: 50,
  healthyPercentLeast: 0,
};

describe.each([1, 2])('outliers with %i worker(s)', (workers) => {
  let proxy: ProxyUnderTest;
  let good: HeldUpstream;
  let bad: HeldUpstream;
  let version = 0;
  let cluster = '';
  beforeAll(async () => {
    proxy = await startProxyUnderTest({ workers });
    [good, bad] = await Promise.all([heldUpstream(), heldUpstream()]);
    good.release();
    bad.release(500);
  });
  afterAll(async () => {
    await proxy.close();
    await Promise.all([good.close(), bad.close()]);
  });
  beforeEach(() => {
    cluster = `web-${version}`;
  });

  const serve = (policy: Partial<Cluster>, ports = [good.port, bad.port]) =>
    proxy.hand(
      handing(++version, [
        clusterItem(cluster, { loadBalancer: 'ROUND_ROBIN', ...policy }),
        endpointsItem(cluster, ports),
        hostItem([{ name: 'default', action: forwardTo({ [cluster]: 1 }), retry: { attempts: 0, on: [] } }]),
      ]),
    );
  /** Each on a connection of its own, so that every worker gets some. */
  const askAll = async (count: number): Promise<number[]> => {
    const statuses: number[] = [];
    for (let asked = 0; asked < count; asked++) {
      const response = await fetch(`http://127.0.0.1:${proxy.httpPort}/`, { headers: { connection: 'close' } });
      await response.text();
      statuses.push(response.status);
    }
    return statuses;
  };
  /** No worker sends anything to the endpoint that fails. */
  const untilOut = () => vi.waitFor(async () => expect(new Set(await askAll(20))).toEqual(new Set([200])), soon);

  test('one that fails is out everywhere, once, and its return is not before its time', async () => {
    await serve({ outliers });
    await untilOut();
    const before = bad.arrived.length;
    await askAll(40);
    expect(bad.arrived).toHaveLength(before);
    const { text } = await proxy.admin('/metrics');
    expect(text).toContain(`envoy_cluster_outlier_detection_ejections_enforced_total{cluster_name="${cluster}"} 1`);
  });

  test('no more are out than allowed, whatever the workers find', async () => {
    good.release(500);
    await serve({ outliers });
    expect(new Set(await askAll(60))).toEqual(new Set([500]));
    good.release();
    const { text } = await proxy.admin('/metrics');
    expect(text).toContain(`envoy_cluster_outlier_detection_ejections_enforced_total{cluster_name="${cluster}"} 1`);
  });

  test('one that is out stays so with a new table and other endpoints beside it', async () => {
    await serve({ outliers });
    await untilOut();
    const third = await heldUpstream();
    third.release();
    await serve({ outliers, connectTimeoutMs: 4_000 }, [good.port, bad.port, third.port]);
    const before = bad.arrived.length;
    expect(new Set(await askAll(40))).toEqual(new Set([200]));
    expect(bad.arrived).toHaveLength(before);
    expect(third.arrived.length).toBeGreaterThan(0);
    await third.close();
  });

  test('one that is out stays so for workers that take the place of dead ones', async () => {
    await serve({ outliers });
    await untilOut();
    const pids = async () => {
      const served = JSON.parse((await proxy.admin('/workers')).text) as { pid: number }[];
      return served.map(({ pid }) => pid);
    };
    for (const pid of await pids()) {
      process.kill(pid, 'SIGKILL');
      await vi.waitFor(async () => {
        expect(await pids()).not.toContain(pid);
        expect((await proxy.admin('/readyz')).status).toBe(200);
      }, soon);
    }
    const before = bad.arrived.length;
    expect(new Set(await askAll(20))).toEqual(new Set([200]));
    expect(bad.arrived).toHaveLength(before);
  });

  test('one that is out is in again when the policy is gone, or its time is over', async () => {
    await serve({ outliers });
    await untilOut();
    await serve({});
    expect(new Set(await askAll(20))).toEqual(new Set([200, 500]));
    await serve({ outliers: { ...outliers, baseEjectionMs: 100 } });
    await untilOut();
    const before = bad.arrived.length;
    await vi.waitFor(async () => {
      await askAll(4);
      expect(bad.arrived.length).toBeGreaterThan(before);
    }, soon);
  });
});
