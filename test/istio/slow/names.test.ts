/** S15: a service whose address is a name of DNS; the answer changes, the server goes away and comes back, and no request is lost. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../../support/dns-server.ts';
import { countBy, documents, type Mesh, PATIENCE_MS, type Reply, service, startMesh } from '../mesh.ts';

const HOST = 'reviews.global';
const NAME = 'reviews.example.test';
const OLD = '127.0.0.2';
const NEW = '127.0.0.3';
// A name is asked for again after five seconds at the earliest.
const soon = { timeout: 60_000, interval: 50 };

let dns: DnsServer;
let mesh: Mesh;
let servers: Server[] = [];

/** Answers with the address that it listens on. */
async function serverAt(address: string, port: number): Promise<Server> {
  const server = createServer((_, response) => response.end(address));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve));
  return server;
}

beforeAll(async () => {
  dns = await startDnsServer();
  const old = await serverAt(OLD, 0);
  const { port } = old.address() as AddressInfo;
  servers = [old, await serverAt(NEW, port)];
  dns.addresses.set(NAME, [OLD]);
  const yaml = documents(
    service('mine', { v1: ['e1'] }),
    `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews }
spec:
  hosts: [${HOST}]
  location: MESH_INTERNAL
  resolution: DNS
  ports: [{ number: 9080, name: http, protocol: HTTP }]
  endpoints: [{ address: ${NAME}, ports: { http: ${port} } }]
`,
  );
  mesh = await startMesh({ yaml, args: ['--dns-server', dns.at], host: HOST });
}, PATIENCE_MS);
afterAll(async () => {
  await mesh?.close();
  await dns?.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const addressOf = async (): Promise<string> => (await mesh.ask({})).body;

test('a new address is followed under load, and nothing is lost', async () => {
  expect(await addressOf()).toBe(OLD);
  const during: Reply[] = [];
  let isOver = false;
  const load = Promise.all(
    Array.from({ length: 5 }, async () => {
      while (!isOver) during.push(await mesh.ask({}));
    }),
  );
  await expect.poll(() => during.length, soon).toBeGreaterThan(20);
  dns.addresses.set(NAME, [NEW]);
  await expect.poll(addressOf, soon).toBe(NEW);
  isOver = true;
  await load;
  expect(countBy(during, ({ status }) => String(status))).toEqual({ 200: during.length });
  expect(during[0]?.body).toBe(OLD);
  expect(await addressOf()).toBe(NEW);
});

test('an address more gets its share', async () => {
  dns.addresses.set(NAME, [OLD, NEW]);
  await expect.poll(addressOf, soon).toBe(OLD);
  const replies = await mesh.askMany(200, () => ({}));
  expect(new Set(replies.map(({ body }) => body))).toEqual(new Set([OLD, NEW]));
});

test.each<[trouble: string, isSilent: boolean, addresses: readonly string[] | undefined]>([
  ['a server that is away', true, undefined],
  ['a name that is gone', false, undefined],
  ['an answer without addresses', false, []],
])(
  '%s leaves the addresses that were known',
  async (_, isSilent, addresses) => {
    const failures = () => mesh.findings().split('name not resolved').length;
    const before = failures();
    dns.isSilent = isSilent;
    if (addresses === undefined) dns.addresses.delete(NAME);
    else dns.addresses.set(NAME, addresses);
    await expect.poll(failures, soon).toBeGreaterThan(before);
    expect((await mesh.ask({})).status).toBe(200);
    dns.isSilent = false;
  },
  120_000,
);

test('what is known again is followed again', async () => {
  dns.addresses.set(NAME, [OLD]);
  await expect
    .poll(async () => new Set((await mesh.askMany(20, () => ({}))).map(({ body }) => body)), soon)
    .toEqual(new Set([OLD]));
});
