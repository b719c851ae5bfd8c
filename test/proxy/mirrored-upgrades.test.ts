/** What goes through a tunnel never reaches the mirror of the route: behind a copy it would be requests that nobody asked for. */

import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exchange } from '../support/exchange.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';
import { type RecordingUpstream, recordingUpstream, type Upstream, upstreamDoing } from '../support/upstream-saying.ts';

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
const FORGED = 'POST /forged HTTP/1.1\r\nhost: inner\r\ncontent-length: 0\r\n\r\n';

let main: Upstream;
let copied: RecordingUpstream;
let proxy: ProxyUnderTest;
beforeAll(async () => {
  main = await upstreamDoing((socket) => {
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (text.startsWith('GET /ws')) socket.write(SWITCHING);
      else socket.write(text.startsWith('GET /plain') ? ANSWER : `echo ${text}`);
    });
  });
  copied = await recordingUpstream();
  proxy = await startProxyUnderTest();
  await proxy.hand(
    handing(1, [
      clusterItem('main'),
      clusterItem('copied'),
      endpointsItem('main', [main.port]),
      endpointsItem('copied', [copied.port]),
      hostItem([{ name: 'default', action: forwardTo({ main: 1 }, { copied: 100 }) }]),
    ]),
  );
});
afterAll(async () => {
  await proxy.close();
  await main.close();
  await copied.close();
});

test('a tunnel is not mirrored, and a request beside it is', async () => {
  const socket = connect(proxy.httpPort, '127.0.0.1');
  let seen = '';
  socket.setEncoding('latin1').on('data', (text) => {
    seen += text;
  });
  socket.write('GET /ws HTTP/1.1\r\nhost: shop\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  await vi.waitFor(() => expect(seen).toContain('101 Switching'), { timeout: 20_000 });
  socket.write(FORGED);
  await vi.waitFor(() => expect(seen).toContain('echo POST /forged'), { timeout: 20_000 });
  socket.destroy();
  // The copy of this one comes after whatever the tunnel might have left there.
  await exchange(proxy.httpPort, ['GET /plain HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n']);
  await vi.waitFor(() => expect(copied.requests.length).toBeGreaterThan(0), { timeout: 20_000 });
  expect(copied.requests.map(({ line }) => line)).toEqual(['GET /plain HTTP/1.1']);
}, 60_000);
