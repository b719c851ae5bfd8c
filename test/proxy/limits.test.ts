/** What one client may take: time for a head, time for a body, and connections. A worker in this process, with tight limits. */

import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { DEFAULT_READING } from '../../src/mesh/table/request-reading.ts';
import { runWorker } from '../../src/proxy/run-worker.ts';
import type { FromWorker, ToWorker } from '../../src/proxy/worker-messages.ts';
import { exchangeBytes, type Seen } from '../support/exchange.ts';
import { clusterItem, endpointsItem, forwardTo, hostItem } from '../support/sample-table.ts';
import { type RecordingUpstream, recordingUpstream } from '../support/upstream-saying.ts';

describe('limits of a worker', () => {
  let upstream: RecordingUpstream;
  let say: (message: ToWorker) => void = () => {};
  let port = 0;
  const heard: FromWorker[] = [];
  const exited = Promise.withResolvers<number>();

  const ask = (message: ToWorker, answer: FromWorker['type']) =>
    new Promise<FromWorker>((resolve) => {
      onHeard = (said) => {
        if (said.type === answer) resolve(said);
      };
      say(message);
    });
  let onHeard: (message: FromWorker) => void = () => {};

  beforeAll(async () => {
    upstream = await recordingUpstream();
    runWorker({
      channel: {
        send(message) {
          heard.push(message);
          onHeard(message);
        },
        onMessage: (listener) => {
          say = listener;
        },
        onDisconnect() {},
      },
      clock: systemClock,
      random: Math.random,
      breathe: () => turn(),
      collectYoung: () => {},
      exit: (code) => exited.resolve(code),
      limits: {
        headTimeoutMs: 300,
        bodyGraceMs: 300,
        bodyBytesPerSecond: 1_000,
        connections: 3,
        idleTimeoutMs: 60_000,
      },
    });
    const settings = {
      host: '127.0.0.1',
      listeners: [{ port: 0 }],
      accessLog: { to: 'off', format: 'json' },
      role: 'gateway' as const,
      reading: DEFAULT_READING,
    };
    await ask({ type: 'start', settings }, 'started');
    const puts = [
      clusterItem('web'),
      endpointsItem('web', [upstream.port]),
      hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }]),
    ];
    say({ type: 'stage', id: 1, puts });
    await ask({ type: 'prepare', change: { version: 1, removes: [] } }, 'prepared');
    await ask({ type: 'publish' }, 'published');
    const listening = await ask({ type: 'listen' }, 'listening');
    port = (listening.type === 'listening' ? listening.ports[0] : undefined) ?? 0;
  });
  afterAll(async () => {
    say({ type: 'drain', graceMs: 100 });
    expect(await exited.promise).toBe(0);
    await upstream.close();
  });

  test('a head that never ends is answered with 408 and closed', async () => {
    const seen = await exchangeBytes(port, Buffer.from('GET /t HTTP/1.1\r\nhost: a'));
    expect(seen.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(seen.closed).toBe(true);
  });

  test('a body that trickles is given up, and the upstream never sees a whole request', async () => {
    const seen = await exchangeBytes(
      port,
      Buffer.from('POST /t HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nslow'),
    );
    expect(seen.text).toMatch(/^HTTP\/1\.1 408 /);
    expect(upstream.requests).toEqual([]);
  });

  test('when all connections are taken, the longest idle one makes room', async () => {
    const idle: Promise<Seen>[] = [];
    for (let count = 1; count <= 3; count++) {
      idle.push(exchangeBytes(port, Buffer.from('GET /idle HTTP/1.1\r\nhost: a\r\n\r\n')));
      while (upstream.requests.length < count) await turn();
    }
    const seen = await exchangeBytes(port, Buffer.from('GET /new HTTP/1.1\r\nhost: a\r\n\r\n'), {
      until: /\r\n\r\nup$/,
    });
    expect(seen.text).toMatch(/^HTTP\/1\.1 200 /);
    expect((await Promise.race(idle)).closed).toBe(true);
    say({ type: 'drain', graceMs: 100 });
    await Promise.all(idle);
  });
});
