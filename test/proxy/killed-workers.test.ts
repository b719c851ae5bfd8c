/** Workers die under traffic, with new connections all the time: nobody is refused, and only what a dead worker held is lost. */

import { describe, expect, test, vi } from 'vitest';
import { callOnce } from '../support/call-once.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';
import { recordingUpstream } from '../support/upstream-saying.ts';

const CALLERS = 8;
const KILLS = 4;
const ANSWERS_BETWEEN = 20;
const soon = { timeout: 30_000, interval: 10 };

describe.each([1, 2])('with %i worker(s)', (workers) => {
  test('no connection is refused while workers are killed, and what is lost was inside a dead one', async () => {
    const upstream = await recordingUpstream();
    const proxy = await startProxyUnderTest({ workers });
    await proxy.hand(
      handing(1, [
        clusterItem('web'),
        endpointsItem('web', [upstream.port]),
        hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }]),
      ]),
    );
    const outcomes = new Map<string, number>();
    let calling = true;
    const callers = Array.from({ length: CALLERS }, async () => {
      while (calling) {
        const outcome = await callOnce(proxy.httpPort);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    });
    for (let kill = 0; kill < KILLS; kill++) {
      await killOne(proxy, workers);
      const before = outcomes.get('200') ?? 0;
      await vi.waitFor(() => expect(outcomes.get('200')).toBeGreaterThan(before + ANSWERS_BETWEEN), soon);
    }
    calling = false;
    await Promise.all(callers);

    const { '200': answered = 0, lost = 0, ...others } = Object.fromEntries(outcomes);
    expect(others).toEqual({});
    expect(answered).toBeGreaterThan(KILLS * ANSWERS_BETWEEN);
    // What can be promised: the requests on connections that the dead worker had accepted, of which each caller has one at most.
    // Nothing is lost in a queue, because the listening sockets are the parent's and stay open.
    expect(lost).toBeLessThanOrEqual(KILLS * CALLERS);
    expect((await proxy.admin('/metrics')).text).toContain(`sluice_proxy_worker_deaths_total ${KILLS}\n`);
    await proxy.close();
    await upstream.close();
  }, 120_000);
});

async function killOne(proxy: ProxyUnderTest, workers: number): Promise<void> {
  const pids = async () =>
    (JSON.parse((await proxy.admin('/workers')).text) as { pid: number }[]).map(({ pid }) => pid);
  const [victim] = await pids();
  process.kill(victim as number, 'SIGKILL');
  await vi.waitFor(async () => {
    const now = await pids();
    expect(now).toHaveLength(workers);
    expect(now).not.toContain(victim);
    expect((await proxy.admin('/readyz')).status).toBe(200);
  }, soon);
}
