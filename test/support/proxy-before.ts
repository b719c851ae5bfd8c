/** A whole proxy with one route to one recording service, as most tests of strictness need it. */

import { type ProxyUnderTest, startProxyUnderTest } from './running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from './sample-table.ts';
import { type RecordingUpstream, recordingUpstream } from './upstream-saying.ts';

export type ProxyBefore = { proxy: ProxyUnderTest; upstream: RecordingUpstream; close(): Promise<void> };

export async function startProxyBefore(): Promise<ProxyBefore> {
  const upstream = await recordingUpstream();
  const proxy = await startProxyUnderTest();
  await proxy.hand(
    handing(1, [
      clusterItem('web'),
      endpointsItem('web', [upstream.port]),
      hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }]),
    ]),
  );
  return {
    proxy,
    upstream,
    async close() {
      await proxy.close();
      await upstream.close();
    },
  };
}
