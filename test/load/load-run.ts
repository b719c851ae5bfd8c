/**
 * One load run: services, a whole proxy, clients of several kinds, and disturbances all the time: weights and endpoint sets
 * change, workers and services are killed, services are drained. Resolves with what the ledger found and what it cost.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { delay, systemClock } from '../../src/lib/clock.ts';
import { startProxyUnderTest } from '../support/running-proxy.ts';
import { Ledger } from './ledger.ts';
import { type ClientKind, runClient } from './load-client.ts';
import { startLoadService } from './load-services.ts';
import { LoadStage } from './load-stage.ts';
import { followLog } from './log-follower.ts';
import { type Usage, usageOf } from './process-usage.ts';

/** Keep-alive, a connection per request, and requests sent ahead. */
const KINDS: readonly ClientKind[] = [
  { requests: 200, ahead: 1 },
  { requests: 1, ahead: 1 },
  { requests: 60, ahead: 8 },
  { requests: 15, ahead: 3 },
];
const CLIENTS_PER_KIND = 10;
const SAMPLE_MS = 2_000;

export type LoadOptions = {
  requests: number;
  /** Ends earlier, after so many milliseconds. */
  forMs?: number | undefined;
  workers: number;
  random: () => number;
  onSample?: (usage: Usage, ledger: Ledger) => void;
};

export type LoadReport = {
  ledger: Ledger;
  tookMs: number;
  disturbances: Readonly<Record<string, number>>;
  usages: readonly Usage[];
};

export async function runLoad({ requests, forMs, workers, random, onSample }: LoadOptions): Promise<LoadReport> {
  const nowMs = () => systemClock.monotonicMs();
  const ledger = new Ledger();
  const names = ['primary-1', 'primary-2', 'canary-1', 'canary-2'];
  const services = await Promise.all(names.map((name) => startLoadService(name, ledger)));
  const shadow = await startLoadService('shadow', ledger, true);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-load-'));
  const logFile = join(folder, 'access.log');
  const proxy = await startProxyUnderTest({ workers, accessLog: logFile });
  const stage = new LoadStage({ proxy, workers, ledger, services, shadow, random, nowMs });
  await stage.publish();

  const startedMs = nowMs();
  const usages: Usage[] = [];
  let left = requests;
  const isOver = () => left <= 0 || nowMs() - startedMs >= (forMs ?? Number.POSITIVE_INFINITY);
  const takesMore = () => !isOver() && left-- > 0;
  const run = { port: proxy.httpPort, ledger, random, nowMs, ackedVersion: () => stage.ackedVersion, takesMore };
  const log = followLog(logFile, ledger);
  const sampling = (async () => {
    while (!isOver()) {
      await delay(systemClock, SAMPLE_MS);
      ledger.settle(nowMs());
      const usage = await usageOf(proxy, nowMs() - startedMs);
      usages.push(usage);
      onSample?.(usage, ledger);
    }
  })();
  const clients = KINDS.flatMap((kind) => Array.from({ length: CLIENTS_PER_KIND }, () => runClient(run, kind)));
  await Promise.all([...clients, sampling, stage.disturbUntil(isOver)]);

  const tookMs = nowMs() - startedMs;
  await proxy.close();
  await log.end();
  await Promise.all([...services, shadow].map((service) => service.kill()));
  await rm(folder, { recursive: true, force: true });
  ledger.settle(Number.POSITIVE_INFINITY);
  return { ledger, tookMs, disturbances: stage.done, usages };
}
