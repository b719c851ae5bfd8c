/** Mirrors, content under pressure, death of a worker, drain: the whole proxy with real processes. */

import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { exchange } from '../support/exchange.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';
import { type RecordingUpstream, recordingUpstream } from '../support/upstream-saying.ts';

const GET = ['GET /t HTTP/1.1', 'host: shop', 'connection: close', '', ''];
const soon = { timeout: 20_000, interval: 20 };

describe('mirrored requests', () => {
  let main: RecordingUpstream;
  let shadow: RecordingUpstream;
  let proxy: ProxyUnderTest;
  beforeAll(async () => {
    [main, shadow, proxy] = await Promise.all([
      recordingUpstream('main'),
      recordingUpstream('shadow'),
      startProxyUnderTest({ accessLog: 'off' }),
    ]);
    await proxy.hand(
      handing(1, [
        clusterItem('main'),
        clusterItem('shadow'),
        endpointsItem('main', [main.port]),
        endpointsItem('shadow', [shadow.port]),
        hostItem([{ name: 'default', action: forwardTo({ main: 1 }, { shadow: 100, nowhere: 100 }) }]),
      ]),
    );
  });
  afterAll(() => Promise.all([proxy.close(), main.close(), shadow.close()]));

  test('are copied with their body, and answered by the first destination only', async () => {
    const seen = await exchange(proxy.httpPort, [
      'POST /t HTTP/1.1',
      'host: shop',
      'x-request-id: one',
      'transfer-encoding: chunked',
      'connection: close',
      '',
      '5',
      'hello',
      '0',
      '',
      '',
    ]);
    expect(seen.text).toMatch(/x-served-by: main\r\n/);
    await vi.waitFor(() => expect(shadow.requests).toHaveLength(1), soon);
    expect(shadow.requests[0]?.body).toBe('hello');
    expect(shadow.requests[0]?.fields).toContainEqual(['x-request-id', 'one']);
    expect(shadow.requests[0]?.fields).toContainEqual(['x-envoy-internal', 'true']);
    expect(main.requests).toHaveLength(1);
    expect([...main.errors, ...shadow.errors]).toEqual([]);
  });

  test('are counted at their destination like any other request, so that a mirrored canary can be judged', async () => {
    const counted = async () => {
      const { text } = await proxy.admin('/metrics');
      expect(text).toMatch(/istio_requests_total\{.*destination_workload="shadow".*response_code="200".*\} [1-9]/);
    };
    await vi.waitFor(counted, soon);
  });
});

describe.each(['fast', 'documented'])('content under pressure (%s transport)', (kind) => {
  let echo: Server;
  let proxy: ProxyUnderTest;
  beforeAll(async () => {
    echo = createServer((incoming, response) => void incoming.pipe(response));
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    proxy = await startProxyUnderTest({ env: kind === 'documented' ? { SLUICE_PROXY_TRANSPORT: 'documented' } : {} });
    await proxy.hand(
      handing(1, [
        clusterItem('echo'),
        endpointsItem('echo', [(echo.address() as AddressInfo).port]),
        hostItem([{ name: 'default', action: forwardTo({ echo: 1 }) }]),
      ]),
    );
  });
  afterAll(async () => {
    await proxy.close();
    echo.closeAllConnections();
    echo.close();
  });

  test('is the one that was asked for', async () => {
    const workers = JSON.parse((await proxy.admin('/workers')).text) as unknown[];
    expect(workers).toMatchObject([{ version: 1, transport: kind }]);
  });

  test('never reaches another client: 12 at once, slow readers, 3 MiB each way', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 12 });
    const hashes = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        echoHash(proxy.httpPort, agent, 3_000_000 + index * 977, index % 3 === 0),
      ),
    );
    agent.destroy();
    for (const { sent, received } of hashes) expect(received).toBe(sent);
  });
});

describe('a worker that is killed', () => {
  test('is replaced, serves the same table, and lowers no counter', async () => {
    const upstream = await recordingUpstream();
    const proxy = await startProxyUnderTest({ workers: 2 });
    await proxy.hand(
      handing(3, [
        clusterItem('web'),
        endpointsItem('web', [upstream.port]),
        hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }]),
      ]),
    );
    for (let count = 0; count < 10; count++) await exchange(proxy.httpPort, GET);
    expect((await proxy.admin('/metrics')).text).toMatch(/istio_requests_total\{.*\} 10\n/);
    const pids = () =>
      proxy.admin('/workers').then(({ text }) => (JSON.parse(text) as { pid: number }[]).map(({ pid }) => pid));
    const [first] = await pids();
    process.kill(first as number, 'SIGKILL');
    await vi.waitFor(async () => {
      const now = await pids();
      expect(now).toHaveLength(2);
      expect(now).not.toContain(first);
      expect((await proxy.admin('/readyz')).status).toBe(200);
    }, soon);
    for (let count = 0; count < 10; count++) {
      expect((await exchange(proxy.httpPort, GET)).text).toMatch(/^HTTP\/1\.1 200 /);
    }
    const metrics = (await proxy.admin('/metrics')).text;
    expect(metrics).toMatch(/istio_requests_total\{.*\} 20\n/);
    expect(metrics).toMatch(/sluice_proxy_worker_deaths_total 1\n/);
    await proxy.close();
    await upstream.close();
  });
});

describe('a proxy without discovery', () => {
  test('serves the saved table, and logs with it', async () => {
    const upstream = await recordingUpstream();
    const first = await startProxyUnderTest();
    await first.hand(
      handing(5, [
        clusterItem('web'),
        endpointsItem('web', [upstream.port]),
        hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }]),
      ]),
    );
    const dataDir = first.dataDir;
    const saved = JSON.parse(await readFile(join(dataDir, 'table.json'), 'utf8')) as { version: number };
    expect(saved.version).toBe(5);
    const log = join(dataDir, 'access.log');
    const second = await startProxyUnderTest({ dataDir, accessLog: log });
    expect((await exchange(second.httpPort, GET)).text).toMatch(/^HTTP\/1\.1 200 /);
    await second.close();
    expect(JSON.parse((await readFile(log, 'utf8')).trim())).toMatchObject({
      method: 'GET',
      path: '/t',
      response_code: 200,
      response_flags: '-',
      upstream_cluster: 'web',
      upstream_workload: 'web',
      table_version: 5,
      mirror: false,
    });
    await first.close();
    await upstream.close();
  });
});

describe('draining', () => {
  test('lets a request in flight finish and tells the client to leave', async () => {
    let answer: (() => void) | undefined;
    const slow = createServer((_request, response) => {
      answer = () => response.end('late');
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const proxy = await startProxyUnderTest();
    await proxy.hand(
      handing(1, [
        clusterItem('slow'),
        endpointsItem('slow', [(slow.address() as AddressInfo).port]),
        hostItem([{ name: 'default', action: forwardTo({ slow: 1 }) }]),
      ]),
    );
    const seen = exchange(proxy.httpPort, ['GET /t HTTP/1.1', 'host: shop', '', '']);
    await vi.waitFor(() => expect(answer).toBeDefined(), soon);
    const closed = proxy.close();
    await vi.waitFor(() => expect(refusesConnections(proxy.httpPort)).resolves.toBe(true), soon);
    answer?.();
    expect((await seen).text).toMatch(/connection: close\r\n[\s\S]*late/);
    await closed;
    slow.closeAllConnections();
    slow.close();
  });
});

function echoHash(
  port: number,
  agent: Agent,
  size: number,
  slowly: boolean,
): Promise<{ sent: string; received: string }> {
  const body = randomBytes(size);
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', agent, method: 'POST', path: '/echo' }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => {
        parts.push(part);
        if (!slowly) return;
        response.pause();
        setImmediate(() => response.resume());
      });
      response.on('end', () => resolve({ sent: hash(body), received: hash(Buffer.concat(parts)) }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function refusesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
