/** A mirror destination that never answers: requests are answered as if it were not there, and copies have a bound. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/proxy/data-path.ts';
import { exchange } from '../support/exchange.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';
import { type RecordingUpstream, recordingUpstream, type Upstream, upstreamDoing } from '../support/upstream-saying.ts';

const BEYOND = 88;
const REQUESTS = DEFAULT_LIMITS.mirrors + BEYOND;

let main: RecordingUpstream;
let stuck: Upstream;
let proxy: ProxyUnderTest;
beforeAll(async () => {
  main = await recordingUpstream();
  stuck = await upstreamDoing((socket) => void socket.resume());
  proxy = await startProxyUnderTest();
  await proxy.hand(
    handing(1, [
      clusterItem('main'),
      clusterItem('stuck'),
      endpointsItem('main', [main.port]),
      endpointsItem('stuck', [stuck.port]),
      hostItem([{ name: 'default', action: forwardTo({ main: 1 }, { stuck: 100 }) }]),
    ]),
  );
});
afterAll(async () => {
  await stuck.close();
  await proxy.close();
  await main.close();
});

test('every request gets its own answer in order, and copies beyond the bound are dropped and counted', async () => {
  const one = (id: number, more = '') => `GET /t HTTP/1.1\r\nhost: shop\r\nx-request-id: m-${id}\r\n${more}\r\n`;
  const requests = Array.from({ length: REQUESTS - 1 }, (_, id) => one(id)).join('');
  const seen = await exchange(proxy.httpPort, [requests + one(REQUESTS - 1, 'connection: close\r\n')]);
  const ids = [...seen.text.matchAll(/x-echo-id: m-(\d+)\r\n/g)].map(([, id]) => Number(id));
  expect(ids).toEqual(Array.from({ length: REQUESTS }, (_, id) => id));
  expect(main.errors).toEqual([]);
  const dropped = new RegExp(`sluice_proxy_mirrors_dropped_total\\{reason="in_flight"\\} ${BEYOND}\n`);
  await vi.waitFor(async () => expect((await proxy.admin('/metrics')).text).toMatch(dropped), { timeout: 20_000 });
  expect(stuck.connections).toBeLessThanOrEqual(DEFAULT_LIMITS.mirrors);
}, 60_000);
