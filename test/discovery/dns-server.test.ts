import { afterAll, beforeAll, expect, test } from 'vitest';
import { dnsServer } from '../../src/discovery/dns-server.ts';
import { type DnsServer, startDnsServer } from '../support/dns-server.ts';

let server: DnsServer;
beforeAll(async () => {
  server = await startDnsServer();
  server.addresses.set('one.example.test', ['10.0.0.1']);
  server.addresses.set('three.example.test', ['10.0.0.1', '10.0.0.2', '10.0.0.1']);
  server.addresses.set('none.example.test', []);
});
afterAll(() => server.close());

test.each([
  ['one.example.test', ['10.0.0.1']],
  ['three.example.test', ['10.0.0.1', '10.0.0.2']],
])('%s is known, each address once, and for how long', async (name, addresses) => {
  expect(await dnsServer(server.at)(name)).toEqual({ addresses, ttlMs: 1_000 });
});

test.each(['none.example.test', 'unknown.example.test', 'localhost.example.test'])('%s is an error', async (name) => {
  await expect(dnsServer(server.at)(name)).rejects.toThrow(name);
});
