/** How fast a change of a large table is live, and what requests notice of it. */

import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ObjectMemos } from '../../src/discovery/compile-objects.ts';
import type { TableItems } from '../../src/discovery/table-items.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import type { Surroundings } from '../contenders/contender.ts';
import { ANSWERING, answeringHost, manyHosts, manyRoutes } from '../contenders/mesh-objects.ts';
import { compile, type Sluice, startSluice } from '../contenders/sluice.ts';
import { SMALL } from '../contenders/upstreams.ts';
import { runH2load } from '../generators/h2load.ts';
import { isInstalled } from '../machine/processes.ts';
import { median, quantile } from '../statistics.ts';
import type { Row } from './row.ts';

const COUNT = 10_000;
const PER_SECOND = 1_000;
const CHANGES = 9;
const WATCHED_SECONDS = 5;
/** h2load takes a moment to connect. */
const LEAD_MS = 400;

export const TABLE_ROW: Row = {
  id: 'table',
  title: `a change in a table of ${COUNT} routes, live under ${PER_SECOND} requests per second`,
  required: '< 50 ms for a change of one host, no request slower than 5 ms because of it',
  async run(surroundings) {
    const { upstreams } = surroundings;
    const sluice = await startSluice('sluice', surroundings);
    const hosts = manyHosts(upstreams, COUNT);
    try {
      return [
        `without changes: ${await watch(sluice, surroundings)}`,
        ...(await change(sluice, surroundings, { title: `one of ${COUNT} hosts`, objects: () => hosts })),
        ...(await change(sluice, surroundings, {
          title: `a host of ${COUNT} routes`,
          objects: (turn) => manyRoutes(upstreams, COUNT, `${turn + 1}s`),
        })),
      ];
    } finally {
      await sluice.stop();
    }
  },
};

type Changing = { title: string; objects: (turn: number) => readonly KubeObject[] };

async function change(sluice: Sluice, surroundings: Surroundings, { title, objects }: Changing): Promise<string[]> {
  const tables: TableItems[] = [];
  const compiledMs: number[] = [];
  const memos = new ObjectMemos();
  for (let turn = 0; turn <= CHANGES; turn++) {
    const changed = [answeringHost(`${title} ${turn}`), ...objects(turn)];
    const startedMs = performance.now();
    tables.push(compile(changed, memos));
    compiledMs.push(performance.now() - startedMs);
  }
  const [first = new Map(), ...rest] = tables;
  const [firstCompiledMs = 0, ...againMs] = compiledMs;
  const firstMs = await sluice.serve(first);
  const watching = watch(sluice, surroundings);
  await sleep(LEAD_MS);
  const live: number[] = [];
  const acknowledged: number[] = [];
  for (const [index, items] of rest.entries()) {
    const startedMs = performance.now();
    const acknowledgement = sluice.serve(items);
    await answered(sluice, `${title} ${index + 1}`);
    live.push(performance.now() - startedMs);
    acknowledged.push(await acknowledgement);
    await sleep(LEAD_MS);
  }
  return [
    `${title}: first live and saved after ${firstMs.toFixed(0)} ms; a change ${spread(live)} live, ${spread(acknowledged)} saved, too`,
    `  parsed and compiled in ${firstCompiledMs.toFixed(0)} ms at first, in ${spread(againMs)} when it changed`,
    `  requests meanwhile: ${await watching}`,
  ];
}

/** Resolves when the host that answers itself says `text`. */
async function answered({ port }: Sluice, text: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while ((await ask(port, agent)) !== text) await sleep(1);
  agent.destroy();
}

function ask(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, agent, headers: { host: ANSWERING } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
}

async function watch({ port }: Sluice, { folder }: Surroundings): Promise<string> {
  if (!isInstalled('h2load')) return 'not watched, because h2load is not installed';
  const times = await runH2load(port, SMALL, { perSecond: PER_SECOND, seconds: WATCHED_SECONDS, folder });
  const [p50, p99, most] = [0.5, 0.99, 1].map((part) => quantile(times, part).toFixed(2));
  return `p50 ${p50} ms, p99 ${p99} ms, slowest ${most} ms of ${times.length}`;
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
}
