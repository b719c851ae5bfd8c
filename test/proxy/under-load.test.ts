/** One worker under load: many connections at once, clients that do not read, and heads that come byte by byte. */

import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { exchange } from '../support/exchange.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';

const MEBIBYTE = 1_024 * 1_024;
const DOWNLOAD_BYTES = 200 * MEBIBYTE;
const BURST = 1_000;
const soon = { timeout: 30_000, interval: 20 };

describe.each(['fast', 'documented'])('under load (%s transport)', (kind) => {
  let upstream: Server;
  let proxy: ProxyUnderTest;
  let produced = 0;
  beforeAll(async () => {
    upstream = createServer((incoming, response) => {
      if (incoming.url !== '/download') return void response.end('up');
      response.writeHead(200, { 'content-length': String(DOWNLOAD_BYTES) });
      const block = Buffer.alloc(MEBIBYTE, 'd');
      const more = () => {
        while (produced < DOWNLOAD_BYTES) {
          produced += block.length;
          if (!response.write(block)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    await new Promise<void>((resolve) => upstream.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 }, resolve));
    proxy = await startProxyUnderTest({ env: kind === 'documented' ? { SLUICE_PROXY_TRANSPORT: 'documented' } : {} });
    await proxy.hand(
      handing(1, [
        clusterItem('web'),
        endpointsItem('web', [(upstream.address() as AddressInfo).port]),
        hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }]),
      ]),
    );
  });
  afterAll(async () => {
    await proxy.close();
    upstream.closeAllConnections();
    upstream.close();
  });

  const workerBytes = async (): Promise<number> => {
    const [{ pid }] = JSON.parse((await proxy.admin('/workers')).text) as [{ pid: number }];
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
  };

  test('a burst of 1,000 connections is accepted and answered, all of it', async () => {
    const request = ['GET /t HTTP/1.1', 'host: shop', 'connection: close', '', ''];
    const seen = await Promise.all(Array.from({ length: BURST }, () => exchange(proxy.httpPort, request)));
    const statuses = new Set(seen.map(({ text }) => text.slice(0, 12)));
    expect([...statuses]).toEqual(['HTTP/1.1 200']);
  }, 60_000);

  test.runIf(process.platform === 'linux')(
    'a stalled download of 200 MiB is held in no memory of ours, and goes on where it was',
    async () => {
      const before = await workerBytes();
      produced = 0;
      const client = await download(proxy.httpPort);
      client.pause();
      // Backpressure has reached the upstream once it stops producing.
      await vi.waitFor(async () => {
        const then = produced;
        await proxy.admin('/clusters');
        expect(then).toBeGreaterThan(0);
        expect(produced).toBe(then);
      }, soon);
      expect(produced).toBeLessThan(DOWNLOAD_BYTES);
      expect((await workerBytes()) - before).toBeLessThan(32 * MEBIBYTE);
      let received = 0;
      client.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      client.resume();
      await new Promise((resolve) => client.once('close', resolve));
      expect(received).toBeGreaterThan(DOWNLOAD_BYTES);
      expect(received).toBeLessThan(DOWNLOAD_BYTES + 1_024);
    },
    60_000,
  );

  test.runIf(process.platform === 'linux')(
    '500 heads that never end cost a few KiB each, and others are served meanwhile',
    async () => {
      const before = await workerBytes();
      const slow = await Promise.all(Array.from({ length: 500 }, () => trickle(proxy.httpPort)));
      const seen = await exchange(proxy.httpPort, ['GET /t HTTP/1.1', 'host: shop', 'connection: close', '', '']);
      expect(seen.text).toMatch(/^HTTP\/1\.1 200 /);
      expect((await workerBytes()) - before).toBeLessThan(500 * 40 * 1_024);
      for (const socket of slow) socket.destroy();
    },
    60_000,
  );
});

function download(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', reject);
    socket.write('GET /download HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n');
    socket.once('readable', () => resolve(socket));
  });
}

function trickle(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      socket.write(`GET /t HTTP/1.1\r\nhost: shop\r\nx-slow: ${'s'.repeat(500)}`, () => resolve(socket));
    });
    socket.once('error', reject);
  });
}
