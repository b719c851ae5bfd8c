/** Limits of a cluster (istio.md 5.2): who waits for a connection, who is turned away, and what lives on with a new table. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Cluster, Route } from '../../src/mesh/table/route-table.ts';
import { type HeldUpstream, heldUpstream } from '../support/held-upstream.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';

const soon = { timeout: 20_000, interval: 20 };
/** Long enough for a request to wait, short enough to see that it did. */
const ROUTE_TIMEOUT_MS = 700;

describe('a cluster with limits', () => {
  let upstreams: HeldUpstream[] = [];
  let proxy: ProxyUnderTest;
  let version = 0;
  /** A cluster of its own for every test, since what is counted outlives a table. */
  let cluster = '';
  const leaving: AbortController[] = [];
  beforeAll(async () => {
    proxy = await startProxyUnderTest();
  });
  beforeEach(() => {
    cluster = `web-${version}`;
  });
  afterEach(async () => {
    for (const client of leaving.splice(0)) client.abort();
    for (const upstream of upstreams.splice(0)) await upstream.close();
  });
  afterAll(() => proxy.close());

  const serve = async (policy: Partial<Cluster>, { endpoints = 1, route = {} as Partial<Route> } = {}) => {
    while (upstreams.length < endpoints) upstreams.push(await heldUpstream());
    const answer = await proxy.hand(
      handing(++version, [
        clusterItem(cluster, policy),
        endpointsItem(
          cluster,
          upstreams.map(({ port }) => port),
        ),
        hostItem([{ name: 'default', action: forwardTo({ [cluster]: 1 }), ...route }]),
      ]),
    );
    expect(answer.type).toBe('accepted');
    return upstreams[0] as HeldUpstream;
  };

  /** @returns status of the answer, with the field that tells an overflow from other failures */
  const ask = (path = '/') => {
    const client = new AbortController();
    leaving.push(client);
    const answer = fetch(`http://127.0.0.1:${proxy.httpPort}${path}`, { signal: client.signal }).then(
      async (response) => {
        await response.text();
        return response.headers.get('x-envoy-overloaded') === 'true' ? 'overloaded' : response.status;
      },
      () => 'left',
    );
    return { answer, leave: () => client.abort() };
  };
  const askAll = (count: number) => Array.from({ length: count }, () => ask());
  const answersOf = (asked: readonly { answer: Promise<number | string> }[]) =>
    Promise.all(asked.map(({ answer }) => answer));
  const counted = async (what: string) => {
    const { text } = await proxy.admin('/metrics');
    return Number(new RegExp(`envoy_cluster_upstream_rq_${what}{cluster_name="${cluster}"} (\\d+)`).exec(text)?.[1]);
  };
  /** Resolves once `count` of them are turned away. */
  const turnedAway = async (asked: readonly { answer: Promise<number | string> }[], count: number) => {
    let away = 0;
    for (const { answer } of asked) void answer.then((status) => (status === 'overloaded' ? away++ : 0));
    await vi.waitFor(() => expect(away).toBe(count), soon);
  };

  test('lets one wait for its only connection and turns the rest away', async () => {
    const upstream = await serve({ limits: { connections: 1, pending: 1 } });
    const first = ask();
    await upstream.until(1);
    const others = askAll(9);
    await turnedAway(others, 8);
    upstream.release();
    const answers = await answersOf([first, ...others]);
    expect(answers.filter((status) => status === 200)).toHaveLength(2);
    expect(upstream.connections).toBe(1);
    expect(await counted('pending_overflow')).toBe(8);
  });

  test('turns nobody away when only the connections are limited', async () => {
    const upstream = await serve({ limits: { connections: 1 } });
    const asked = askAll(6);
    await upstream.until(1);
    upstream.release();
    expect(await answersOf(asked)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(upstream.connections).toBe(1);
  });

  test('gives every endpoint one connection, also beyond the limit', async () => {
    await serve({ limits: { connections: 1 }, loadBalancer: 'ROUND_ROBIN' }, { endpoints: 2 });
    const asked = askAll(4);
    const [one, other] = upstreams as [HeldUpstream, HeldUpstream];
    await Promise.all([one.until(1), other.until(1)]);
    expect([one.connections, other.connections]).toEqual([1, 1]);
    one.release();
    other.release();
    expect(await answersOf(asked)).toEqual([200, 200, 200, 200]);
    expect([one.connections, other.connections]).toEqual([1, 1]);
  });

  test('counts requests on connections, not those that wait for one', async () => {
    const upstream = await serve({ limits: { connections: 1, requests: 1 } });
    const asked = askAll(3);
    await upstream.until(1);
    upstream.release();
    expect(await answersOf(asked)).toEqual([200, 200, 200]);
  });

  test('turns requests away beyond their number', async () => {
    const upstream = await serve({ limits: { requests: 2 } });
    const asked = askAll(10);
    await turnedAway(asked, 8);
    upstream.release();
    expect((await answersOf(asked)).filter((status) => status === 200)).toHaveLength(2);
  });

  test('gives the place of one who leaves to the next', async () => {
    const upstream = await serve({ limits: { connections: 1, pending: 1 } }, { route: { timeoutMs: 60_000 } });
    const first = ask();
    await upstream.until(1);
    const asked = askAll(2);
    await turnedAway(asked, 1);
    for (const { leave } of asked) leave();
    await serve({ limits: { connections: 1, pending: 1 } }, { route: { timeoutMs: ROUTE_TIMEOUT_MS } });
    // Timed out while waiting, so it had a place.
    await vi.waitFor(async () => expect(await ask().answer).toBe(504), soon);
    upstream.release();
    expect(await first.answer).toBe(200);
    expect(upstream.arrived).toHaveLength(1);
  });

  test('gives the place of one whose time is over to the next', async () => {
    const upstream = await serve(
      { limits: { connections: 1, pending: 1 } },
      { route: { timeoutMs: ROUTE_TIMEOUT_MS } },
    );
    const first = ask();
    await upstream.until(1);
    expect(await ask().answer).toBe(504);
    expect(await first.answer).toBe(504);
    upstream.release();
    expect(await ask().answer).toBe(200);
  });

  test('serves those who wait when a connection ends', async () => {
    const upstream = await serve({ limits: { connections: 1 }, requestsPerConnection: 1 });
    const asked = askAll(3);
    await upstream.until(1);
    upstream.release();
    expect(await answersOf(asked)).toEqual([200, 200, 200]);
    expect(upstream.connections).toBe(3);
  });

  test('fails all who wait for a connection that cannot be made', async () => {
    const upstream = await heldUpstream();
    const { port } = upstream;
    await upstream.close();
    upstreams = [{ ...upstream, port, close: async () => {} }];
    await serve({ limits: { connections: 1 } }, { route: { retry: { attempts: 0, on: [] } } });
    expect(await answersOf(askAll(3))).toEqual([503, 503, 503]);
    upstreams = [];
  });

  test('keeps count of what is in flight when a new table comes', async () => {
    const upstream = await serve({ limits: { connections: 1, pending: 1 } });
    const first = ask();
    await upstream.until(1);
    await serve({ limits: { connections: 1, pending: 1 }, connectTimeoutMs: 4_000 });
    const others = askAll(2);
    await turnedAway(others, 1);
    upstream.release();
    expect((await answersOf([first, ...others])).filter((status) => status === 200)).toHaveLength(2);
    expect(upstream.connections).toBe(1);
  });

  test('lets more through as soon as a new table allows more', async () => {
    const upstream = await serve({ limits: { requests: 1 } });
    const first = ask();
    await upstream.until(1);
    expect(await ask().answer).toBe('overloaded');
    await serve({ limits: { requests: 2 } });
    const second = ask();
    await upstream.until(2);
    upstream.release();
    expect(await answersOf([first, second])).toEqual([200, 200]);
  });

  test('closes a connection after its time of silence, and one that is too old', async () => {
    const upstream = await serve({ idleMs: 100 });
    upstream.release();
    expect(await ask().answer).toBe(200);
    await vi.waitFor(() => expect(upstream.open).toBe(0), soon);
    await serve({ connectionLifeMs: 100 });
    expect(await ask().answer).toBe(200);
    await vi.waitFor(() => expect(upstream.open).toBe(0), soon);
    await serve({});
    expect(await answersOf([ask()])).toEqual([200]);
    expect(upstream.open).toBe(1);
  });

  describe('whose retries are limited', () => {
    const route = { retry: { attempts: 1, on: ['5xx'], backoffMs: 1 } };

    test('returns the failure of those beyond', async () => {
      const upstream = await serve({ limits: { retries: 1 } }, { route });
      const asked = [ask('/one'), ask('/other')];
      await upstream.until(2);
      upstream.releaseOne(503);
      // The first is being tried again.
      await upstream.until(3);
      upstream.releaseOne(503);
      expect(await Promise.race(asked.map(({ answer }) => answer))).toBe(503);
      upstream.release();
      expect((await answersOf(asked)).toSorted()).toEqual([200, 503]);
      expect(await counted('retry_overflow')).toBe(1);
    });

    test('allows as many again once they are over', async () => {
      const upstream = await serve({ limits: { retries: 1 } }, { route });
      for (const round of [1, 2, 3]) {
        upstream.hold();
        const asked = ask();
        await upstream.until(2 * round - 1);
        upstream.releaseOne(503);
        await upstream.until(2 * round);
        upstream.releaseOne();
        expect(await asked.answer).toBe(200);
      }
    });

    test('has a budget in the share of what is under way', async () => {
      const retryBudget = { percent: 0, least: 0 };
      const upstream = await serve({ limits: { retryBudget } }, { route });
      upstream.release(503);
      expect(await ask().answer).toBe(503);
      expect(upstream.arrived).toHaveLength(1);
      await serve({ limits: { retryBudget: { percent: 0, least: 1 } } }, { route });
      expect(await ask().answer).toBe(503);
      expect(upstream.arrived).toHaveLength(3);
    });
  });
});
