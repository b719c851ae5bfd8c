/** What a proxy adds to the latency of a request at a rate that leaves every contender idle most of the time. */

import type { Contender, Surroundings } from '../contenders/contender.ts';
import { startHaproxy } from '../contenders/haproxy.ts';
import { startNginx } from '../contenders/nginx.ts';
import { startNodeHttp } from '../contenders/node-http.ts';
import { startSluice } from '../contenders/sluice.ts';
import { SMALL } from '../contenders/upstreams.ts';
import { runH2load } from '../generators/h2load.ts';
import { isInstalled } from '../machine/processes.ts';
import type { Pace } from '../rounds.ts';
import { median, quantile } from '../statistics.ts';
import type { Row } from './row.ts';

const PER_SECOND = 2_000;

export const LATENCY_ROW: Row = {
  id: 'latency',
  title: `latency added at ${PER_SECOND} requests per second, open loop, 8 connections`,
  required: 'reported',
  async run(surroundings, pace) {
    if (!isInstalled('h2load')) return ['left out: h2load is not installed (Debian: apt-get install nghttp2-client)'];
    const starts = [startNginx, startSluice, ...(isInstalled('haproxy') ? [startHaproxy] : []), startNodeHttp];
    const names = ['nginx', 'sluice', ...(isInstalled('haproxy') ? ['haproxy'] : []), 'node:http'];
    const contenders: Contender[] = [];
    for (const [index, start] of starts.entries()) contenders.push(await start(names[index] ?? '', surroundings));
    try {
      return await rounds(contenders, surroundings, pace);
    } finally {
      for (const contender of contenders) await contender.stop();
    }
  },
};

async function rounds(contenders: readonly Contender[], { upstreams, folder }: Surroundings, pace: Pace) {
  const lanes = [{ name: 'direct', port: upstreams.primary }, ...contenders];
  const taken = lanes.map((): { p50: number; p99: number }[] => []);
  for (let round = 0; round < pace.rounds; round++) {
    for (const [index, { port }] of lanes.entries()) {
      const times = await runH2load(port, SMALL, { perSecond: PER_SECOND, seconds: pace.seconds, folder });
      taken[index]?.push({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
    }
  }
  const of = (index: number, key: 'p50' | 'p99') => median((taken[index] ?? []).map((one) => one[key])) * 1_000;
  return lanes.map(({ name }, index) => {
    const cells = (['p50', 'p99'] as const).map((key) => {
      const added = index === 0 ? '' : ` (+${(of(index, key) - of(0, key)).toFixed(0)})`;
      return `${key} ${of(index, key).toFixed(0)} µs${added}`.padEnd(24);
    });
    return `${name.padEnd(18)}${cells.join('')}`.trimEnd();
  });
}
