/** The access log of a running proxy: what its lines say, and that the file does not grow for ever. */

import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { exchange } from '../../support/exchange.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../../support/sample-table.ts';
import { type Upstream, upstreamSaying } from '../../support/upstream-saying.ts';

const soon = { timeout: 20_000, interval: 20 };

const get = (port: number, path: string, ...fields: string[]) =>
  exchange(port, [`GET ${path} HTTP/1.1`, 'host: shop', ...fields, 'connection: close', '', '']);

let upstream: Upstream;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-log-'));
  upstream = await upstreamSaying('HTTP/1.1 200 OK', 'content-length: 2', 'x-a: "quoted"', '', 'ok');
});
afterAll(async () => {
  await upstream.close();
  await rm(folder, { recursive: true });
});

async function proxyLogging(file: string, options: Parameters<typeof startProxyUnderTest>[0] = {}) {
  const proxy = await startProxyUnderTest({ accessLog: join(folder, file), ...options });
  const web = clusterItem('web');
  const routes = hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }], ['shop']);
  await proxy.hand(handing(1, [web, endpointsItem('web', [upstream.port]), routes]));
  return proxy;
}

const linesOf = async (file: string) =>
  (await readFile(join(folder, file), 'utf8')).split('\n').filter((line) => line !== '');

async function linesAfter(proxy: ProxyUnderTest, file: string): Promise<string[]> {
  await proxy.close();
  return linesOf(file);
}

describe('a request leaves one line', () => {
  test('with both ends of both connections', async () => {
    const proxy = await proxyLogging('ends.log');
    await get(proxy.httpPort, '/a?b=1', 'user-agent: t');
    const [line = ''] = await linesAfter(proxy, 'ends.log');
    expect(JSON.parse(line)).toMatchObject({
      path: '/a?b=1',
      user_agent: 't',
      bytes_sent: 2,
      response_code_details: 'via_upstream',
      upstream_host: `127.0.0.1:${upstream.port}`,
      upstream_local_address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      downstream_local_address: `127.0.0.1:${proxy.httpPort}`,
      downstream_remote_address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      x_forwarded_for: '127.0.0.1',
    });
  });

  test('whatever its fields hold', async () => {
    const proxy = await proxyLogging('hostile.log');
    const evil = '"} {"forged":true, \\ \xff\xc2\x9b';
    await get(proxy.httpPort, '/a', `user-agent: ${evil}`, `x-request-id: ${evil}`);
    const lines = await linesAfter(proxy, 'hostile.log');
    expect(lines).toHaveLength(1);
    const { user_agent, request_id } = JSON.parse(lines[0] ?? '') as Record<string, string>;
    expect(user_agent).toBe('"} {"forged":true, \\ \ufffd\u009b');
    expect(request_id).toBe(user_agent);
  });

  test('also when it was refused, or no route took it', async () => {
    const proxy = await proxyLogging('refused.log');
    await exchange(proxy.httpPort, ['GET / HTTP/1.1', 'host: a', 'host: b', '', '']);
    await exchange(proxy.httpPort, ['GET /x HTTP/1.1', 'host: other', 'connection: close', '', '']);
    const [refused, unrouted] = (await linesAfter(proxy, 'refused.log')).map((line) => JSON.parse(line) as unknown);
    expect(refused).toMatchObject({ method: null, response_code: 400, response_flags: 'DPE', upstream_cluster: null });
    expect(unrouted).toMatchObject({ path: '/x', response_code: 404, response_flags: 'NR', route_name: null });
  });

  test('in a form of one own', async () => {
    const accessLogFormat = '%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %REQ(X-B)% %RESP(x-a)% %RESPONSE_FLAGS%';
    const proxy = await proxyLogging('own.log', { accessLogFormat });
    await get(proxy.httpPort, '/a', 'x-envoy-original-path: /forged', 'x-b: 1');
    expect(await linesAfter(proxy, 'own.log')).toEqual(['GET /a 1 \\"quoted\\" -']);
  });

  test('that somebody who follows the file sees soon', async () => {
    const proxy = await proxyLogging('follow.log');
    await get(proxy.httpPort, '/a');
    await vi.waitFor(async () => expect(await linesOf('follow.log')).toHaveLength(1), soon);
    await proxy.close();
  });
});

describe('the file', () => {
  test('is begun anew when it is too large, and the three youngest of the old ones are kept', async () => {
    const proxy = await proxyLogging('large.log', { workers: 2, accessLogBytesMost: 1 });
    const names = async () => (await readdir(folder)).filter((name) => name.startsWith('large.log.')).sort();
    const enough = async () => {
      await get(proxy.httpPort, '/a');
      expect(await names()).toEqual(['large.log.1', 'large.log.2', 'large.log.3']);
    };
    await vi.waitFor(enough, { ...soon, timeout: 25_000 });
    await proxy.close();
  });

  test('that was taken away is left for a new one when the admin port is told', async () => {
    const proxy = await proxyLogging('moved.log');
    await get(proxy.httpPort, '/before');
    await vi.waitFor(async () => expect(await linesOf('moved.log')).toHaveLength(1), soon);
    await rename(join(folder, 'moved.log'), join(folder, 'kept.log'));
    const told = await fetch(`http://127.0.0.1:${proxy.adminPort}/reopen_logs`, { method: 'POST' });
    expect(told.status).toBe(200);
    await vi.waitFor(async () => expect(await readdir(folder)).toContain('moved.log'), soon);
    await get(proxy.httpPort, '/after');
    expect(await linesAfter(proxy, 'moved.log')).toEqual([expect.stringContaining('"/after"')]);
    expect(await linesOf('kept.log')).toEqual([expect.stringContaining('"/before"')]);
  });

  test('that cannot be opened, or a form that is none, ends the start with a reason', async () => {
    await expect(proxyLogging('x.log', { accessLogFormat: '%NOPE%' })).rejects.toMatchObject({ code: 'SL0403' });
    await expect(startProxyUnderTest({ accessLog: folder })).rejects.toThrow(/EISDIR/);
  });
});
