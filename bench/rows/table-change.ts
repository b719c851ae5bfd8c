/** How fast a change of a large table is live, and what requests notice of it. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { TableItems } from '../../src/discovery/table-items.ts';
import type { Surroundings } from '../contenders/contender.ts';
import { hostObjects, manyHosts, manyRoutes, meshObjects } from '../contenders/mesh-objects.ts';
import { compile, type Sluice, startSluice } from '../contenders/sluice.ts';
import { SMALL } from '../contenders/upstreams.ts';
import { runH2load } from '../generators/h2load.ts';
import { isInstalled } from '../machine/processes.ts';
import { median, quantile } from '../statistics.ts';
import type { Row } from './row.ts';

const COUNT = 10_000;
const PER_SECOND = 1_000;
const CHANGES = 5;
/** h2load takes a moment to connect. */
const LEAD_MS = 500;

export const TABLE_ROW: Row = {
  id: 'table',
  title: `a change in a table of ${COUNT} routes, compiled and live, under ${PER_SECOND} requests per second`,
  required: '< 50 ms for a change of one host, no request slower than 5 ms because of it',
  async run(surroundings) {
    const sluice = await startSluice('sluice', surroundings);
    try {
      return [
        ...(await quiet(sluice, surroundings)),
        ...(await changing(sluice, surroundings, `one of ${COUNT} hosts`, (turn) => withHosts(surroundings, turn))),
        ...(await changing(sluice, surroundings, `host of ${COUNT} routes`, (turn) => withRoutes(surroundings, turn))),
      ];
    } finally {
      await sluice.stop();
    }
  },
};

function withHosts({ upstreams }: Surroundings, turn: number) {
  const changed = hostObjects(upstreams, 0, `${turn + 1}s`);
  return [...meshObjects(upstreams), ...changed, ...manyHosts(upstreams, COUNT).slice(changed.length)];
}

function withRoutes({ upstreams }: Surroundings, turn: number) {
  return manyRoutes(upstreams, COUNT, `-${turn}`);
}

async function quiet({ port }: Sluice, { folder }: Surroundings): Promise<string[]> {
  if (!isInstalled('h2load')) return ['requests are not watched: h2load is not installed'];
  const times = await runH2load(port, SMALL, { perSecond: PER_SECOND, seconds: 4, folder });
  return [`without changes: ${tail(times)}`];
}

async function changing(
  sluice: Sluice,
  surroundings: Surroundings,
  title: string,
  objectsOf: (turn: number) => ReturnType<typeof withHosts>,
): Promise<string[]> {
  const compiled: { items: TableItems; ms: number }[] = [];
  for (let turn = 0; turn <= CHANGES; turn++) {
    const objects = objectsOf(turn);
    const startedMs = performance.now();
    compiled.push({ items: compile(objects), ms: performance.now() - startedMs });
  }
  const [first, ...rest] = compiled;
  const loadMs = await sluice.serve(first?.items ?? new Map());
  const watching = isInstalled('h2load')
    ? runH2load(sluice.port, SMALL, { perSecond: PER_SECOND, seconds: 4, folder: surroundings.folder })
    : Promise.resolve([]);
  await sleep(LEAD_MS);
  const live: number[] = [];
  for (const { items } of rest) {
    live.push(await sluice.serve(items));
    await sleep(LEAD_MS);
  }
  const times = await watching;
  return [
    `${title}: all of it compiled in ${median(compiled.map(({ ms }) => ms)).toFixed(0)} ms (parsing included) and first live after ` +
      `${loadMs.toFixed(0)} ms; a change live after ${median(live).toFixed(0)} ms (${Math.min(...live).toFixed(0)} to ${Math.max(...live).toFixed(0)})`,
    `  requests meanwhile: ${tail(times)}`,
  ];
}

function tail(times: readonly number[]): string {
  const [p50, p99, most] = [0.5, 0.99, 1].map((part) => quantile(times, part).toFixed(2));
  return `p50 ${p50} ms, p99 ${p99} ms, slowest ${most} ms of ${times.length}`;
}
