/** The traffic scenarios of examples/bookinfo, with the example's own services and YAML, through `sluice proxy`. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ProxyProcess, startProxyProcess } from '../istio/proxy-process.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const FIRST_WRITTEN_PORT = 9181;
const INSTANCES = 6;

type Page = {
  details: { title?: string; error?: string };
  reviews: { version?: string; stars?: string; ratings?: { first?: number; error?: string }; error?: string };
};

let folder: string;
let proxy: ProxyProcess;
let services: ChildProcess;
/** What the services printed, one line per request. */
const requests: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-bookinfo-'));
  await writeFile(join(folder, 'routes.yaml'), await readFile(join(EXAMPLES, 'bookinfo/routes.yaml')));
  proxy = await startProxyProcess(folder);
  const ports = await startServices(`http://127.0.0.1:${proxy.port}`);
  const written = await readFile(join(EXAMPLES, 'bookinfo-standalone/services.yaml'), 'utf8');
  const served = proxy.nextTable();
  const moved = written.replace(/http: (91\d\d)/g, (_, port) => `http: ${ports[Number(port) - FIRST_WRITTEN_PORT]}`);
  await writeFile(join(folder, 'services.yaml'), moved);
  await served;
});
afterAll(async () => {
  await proxy?.close();
  if (services?.exitCode === null) {
    services.kill('SIGKILL');
    await once(services, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

async function startServices(mesh: string): Promise<number[]> {
  const env = { ...process.env, MESH: mesh, FIRST_PORT: '0' };
  services = spawn(process.execPath, [join(EXAMPLES, 'bookinfo/server.mjs'), 'all'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ports = new Map<string, number>();
  const ready = Promise.withResolvers<void>();
  const order = ['productpage v1', 'details v1', 'reviews v1', 'reviews v2', 'reviews v3', 'ratings v1'];
  createInterface({ input: services.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const [, who = '', port] = /^(\S+ \S+) listens on (\d+)$/.exec(line) ?? [];
    if (port === undefined) requests.push(line);
    else ports.set(who, Number(port));
    if (ports.size === INSTANCES) ready.resolve();
  });
  await ready.promise;
  return order.map((who) => ports.get(who) ?? 0);
}

async function routes(name: string): Promise<void> {
  const served = proxy.nextTable();
  await writeFile(join(folder, 'routes.yaml'), await readFile(join(EXAMPLES, `bookinfo-routes/${name}.yaml`)));
  await served;
}

async function get(host: string, path: string, user?: string): Promise<{ status: number; text: string }> {
  const headers = { host, ...(user !== undefined && { 'end-user': user }) };
  const outgoing = request({ port: proxy.port, path, headers }).end();
  const [answer] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode ?? 0, text };
}

async function page(user?: string): Promise<Page> {
  const { text } = await get('productpage', '/productpage', user);
  return JSON.parse(text) as Page;
}

test('everybody sees reviews without stars', async () => {
  expect(await page()).toMatchObject({ details: { title: 'The Comedy of Errors' }, reviews: { version: 'v1' } });
  expect((await page('jason')).reviews).toEqual({ version: 'v1' });
});

test('jason sees black stars, others none', async () => {
  await routes('by-user');
  expect((await page('jason')).reviews).toEqual({ version: 'v2', stars: 'black', ratings: { first: 5, second: 4 } });
  expect((await page('anna')).reviews).toEqual({ version: 'v1' });
  expect((await page()).reviews).toEqual({ version: 'v1' });
});

test('of a hundred pages fifty have red stars', async () => {
  await routes('half-half');
  const stars: (string | undefined)[] = [];
  for (let count = 0; count < 100; count++) stars.push((await page()).reviews.stars);
  expect(stars.filter((each) => each === 'red')).toHaveLength(50);
  expect(stars.filter((each) => each === undefined)).toHaveLength(50);
});

test('seven seconds of delay become six of waiting, and a page without reviews', async () => {
  await routes('delay');
  const startedMs = performance.now();
  const { details, reviews } = await page('jason');
  const tookMs = performance.now() - startedMs;
  expect(reviews.error).toMatch(/^Sorry, product reviews are currently unavailable/);
  expect(details.title).toBe('The Comedy of Errors');
  expect(tookMs).toBeGreaterThan(5_900);
  expect((await page('anna')).reviews).toEqual({ version: 'v1' });
});

test('ratings that fail leave the reviews readable', async () => {
  await routes('abort');
  expect((await page('jason')).reviews).toEqual({
    version: 'v2',
    stars: 'black',
    ratings: { error: 'Ratings service is currently unavailable' },
  });
});

test('v1 answers, and v3 sees a copy of every request', async () => {
  await routes('mirror');
  const copies = () => requests.filter((line) => line.startsWith('reviews v3 ')).length;
  const before = copies();
  for (let count = 0; count < 10; count++) expect((await page()).reviews).toEqual({ version: 'v1' });
  await expect.poll(() => copies() - before, { timeout: 20_000 }).toBe(10);
});

test('with one connection and one place to wait, some of many are refused at once', async () => {
  await routes('circuit-breaker');
  const replies = await Promise.all(Array.from({ length: 30 }, () => get('reviews', '/reviews/0')));
  const refused = replies.filter(({ status }) => status === 503);
  expect(replies.some(({ status }) => status === 200)).toBe(true);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.every(({ text }) => text.endsWith('reset reason: overflow'))).toBe(true);
  expect((await page()).reviews).toEqual({ version: 'v1' });
});
