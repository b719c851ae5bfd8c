/** Many connections: what idle ones cost in memory, and how long a crowd of new clients waits for its first answer. */

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOST } from '../contenders/contender.ts';
import { startNginx } from '../contenders/nginx.ts';
import { startSluice } from '../contenders/sluice.ts';
import { LARGE, SMALL } from '../contenders/upstreams.ts';
import { runWrk } from '../generators/wrk.ts';
import { memoryMb } from '../machine/processes.ts';
import { median } from '../statistics.ts';
import type { Row } from './row.ts';

const CLIENTS = 1_000;
/** Until the parent has started its spare worker, and memory has settled. */
const SETTLE_MS = 3_000;

export const IDLE_ROW: Row = {
  id: 'idle',
  title: `${CLIENTS} idle keep-alive connections, each after one request`,
  required: '≤ 30 MB above the empty process',
  async run(surroundings) {
    const sluice = await startSluice('sluice', surroundings);
    try {
      await sleep(SETTLE_MS);
      const empty = memoryMb(sluice.pid);
      const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => askOnce(sluice.port)));
      await sleep(SETTLE_MS);
      const full = memoryMb(sluice.pid);
      for (const { socket } of sockets) socket.destroy();
      return [`empty ${empty.toFixed(0)} MB, with connections ${full.toFixed(0)} MB: +${(full - empty).toFixed(1)} MB`];
    } finally {
      await sluice.stop();
    }
  },
};

export const BURST_ROW: Row = {
  id: 'burst',
  title: `${CLIENTS} new clients at once, and ${CLIENTS} under full load (10 KB)`,
  required: 'all answered within 1 s, none timed out',
  async run(surroundings, { rounds, seconds, folder }) {
    const lines: string[] = [];
    for (const start of [startSluice, startNginx]) {
      const contender = await start(start === startSluice ? 'sluice' : 'nginx', surroundings);
      const waits: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const clients = await Promise.all(Array.from({ length: CLIENTS }, () => askOnce(contender.port)));
        waits.push(Math.max(...clients.map(({ waitedMs }) => waitedMs)));
        for (const { socket } of clients) socket.destroy();
      }
      const load = await runWrk(contender.port, { path: LARGE }, { seconds, folder, connections: CLIENTS });
      await contender.stop();
      lines.push(
        `${contender.name.padEnd(18)}last answer after ${median(waits).toFixed(0)} ms (at most ${Math.max(...waits).toFixed(0)}); ` +
          `under load ${load.perSecond.toFixed(0)} requests/s, ${load.failed} failed or timed out`,
      );
    }
    return lines;
  },
};

/** Connects, asks, and waits for the answer. */
function askOnce(port: number): Promise<{ socket: Socket; waitedMs: number }> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.write(`GET ${SMALL} HTTP/1.1\r\nhost: ${HOST}\r\n\r\n`));
    socket.once('data', () => resolve({ socket, waitedMs: performance.now() - startedMs }));
    socket.once('error', reject);
  });
}
