/** The door of the server against those who should not come in, and those who come in oddly. */

import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Logger } from '../../../src/lib/logger.ts';
import { listen } from '../../../src/platform/api/http/listen.ts';
import { ensureServerCertificates } from '../../../src/platform/certificates/server-certificates.ts';
import { configMap, DEFAULT, type Harness, startHarness } from './api-harness.ts';

const MAPS = `${DEFAULT}/configmaps`;

let api: Harness;
let logged = '';

beforeAll(async () => {
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk);
      done();
    },
  });
  const logger: Logger = pino({ level: 'trace' }, sink);
  api = await startHarness({
    logger,
    async *podLogs() {
      yield Buffer.from('x');
      throw new Error('the log broke');
    },
  });
});
afterAll(() => api.stop());

/** What the server sends back to these very bytes until it closes, or until `enough` has come. */
async function exchange(bytes: string, enough?: RegExp, port = api.server.port): Promise<string> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  let received = '';
  // A server that has heard enough may close while the rest is still being sent.
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received += String(chunk);
    if (enough?.test(received)) socket.destroy();
  });
  await once(socket, 'secureConnect');
  socket.write(bytes);
  await once(socket, 'close');
  return received;
}

const head = (lines: readonly string[]) => `${lines.join('\r\n')}\r\n\r\n`;
const bearer = () => `authorization: Bearer ${api.server.token}`;

describe('nobody comes in', () => {
  test.each<[string, () => string[]]>([
    ['without authorization', () => []],
    ['by the token of another scheme', () => [`authorization: Basic ${api.server.token}`]],
    ['by the token without scheme', () => [`authorization: ${api.server.token}`]],
    ['by the token and more', () => [`authorization: Bearer ${api.server.token}x`]],
    ['by half of the token', () => [`authorization: Bearer ${api.server.token.slice(0, 20)}`]],
    ['by an empty token', () => ['authorization: Bearer ']],
    ['by a wrong token before the right one', () => ['authorization: Bearer x', bearer()]],
    ['by the token in another header', () => [`x-forwarded-authorization: Bearer ${api.server.token}`]],
    [
      'by the name of a user',
      () => ['x-remote-user: admin', 'x-remote-group: system:masters', 'impersonate-user: admin'],
    ],
  ])('%s', async (_, lines) => {
    const answer = await exchange(head(['GET /api/v1/secrets HTTP/1.1', 'host: x', ...lines()]), /"code":\d+/);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).not.toContain('SecretList');
  });

  test('by the token in the query', async () => {
    const answer = await api.call('GET', `/api/v1/secrets?token=${api.server.token}&access_token=x`, { token: 'x' });
    expect(answer.status).toBe(401);
  });

  test('and a body is not read before it is known whose it is', async () => {
    const lines = ['POST /api/v1/namespaces HTTP/1.1', 'host: x', 'content-length: 1000000000'];
    expect(await exchange(head(lines), /"code":\d+/)).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('requests that are oddly made', () => {
  const GET = `GET ${MAPS} HTTP/1.1`;
  test.each<[string, () => string, RegExp]>([
    ['a head of 100 kB', () => head([GET, 'host: x', `x-long: ${'x'.repeat(100_000)}`]), /^HTTP\/1\.1 431 /],
    ['no host', () => head([GET, bearer()]), /^HTTP\/1\.1 400 /],
    [
      'two lengths',
      () => head([GET, 'host: x', 'content-length: 1', 'content-length: 2', bearer()]),
      /^HTTP\/1\.1 400 /,
    ],
    [
      'length and chunks',
      () => head([GET, 'host: x', 'content-length: 1', 'transfer-encoding: chunked', bearer()]),
      /^HTTP\/1\.1 400 /,
    ],
    ['a space before the colon', () => head([GET, 'host : x', bearer()]), /^HTTP\/1\.1 400 /],
    ['no HTTP at all', () => 'hello\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'an absolute target',
      () => head(['GET http://evil.example/api/v1/secrets HTTP/1.1', 'host: x', bearer()]),
      /^HTTP\/1\.1 404 /,
    ],
    ['an unknown method', () => head([`BREW ${MAPS} HTTP/1.1`, 'host: x', bearer()]), /^HTTP\/1\.1 4\d\d /],
    [
      'the host of another',
      () => head(['GET /api HTTP/1.1', 'host: evil.example"}', bearer(), 'connection: close']),
      /^HTTP\/1\.1 /,
    ],
  ])('%s', async (_, bytes, expected) => {
    expect(await exchange(bytes(), /^HTTP\/1\.1 \d+ [\s\S]*\r\n\r\n/)).toMatch(expected);
    expect((await api.get('/readyz')).status).toBe(200);
  });

  test('a head and a body that do not come end their connection', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-listen-'));
    const dispatcher = async () => {};
    const patience = { headMs: 50, requestMs: 100, checkEveryMs: 10 };
    const certificates = ensureServerCertificates(folder, Date.now());
    const listener = await listen(dispatcher, { certificates, port: 0, patience });
    expect(await exchange('GET / HT', undefined, listener.port)).toMatch(/^HTTP\/1\.1 408 /);
    const lines = ['POST / HTTP/1.1', 'host: x', 'content-length: 100'];
    expect(await exchange(`${head(lines)}half`, undefined, listener.port)).toMatch(/^HTTP\/1\.1 408 /);
    await listener.close();
    rmSync(folder, { recursive: true, force: true });
  });
});

test('the name that one caller gives to the server is not told to another', async () => {
  const answer = await exchange(head(['GET /api HTTP/1.1', 'host: evil.example', bearer(), 'connection: close']));
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  const { text } = await api.get('/api');
  expect(text).not.toContain('evil.example');
});

describe('names are names and no paths', () => {
  test.each(['../../pki/token', '..', '.', '%2e%2e%2fpki', 'a/b', 'a\u0000b', 'a\nb', '__proto__', 'constructor'])(
    'a ConfigMap %j',
    async (name) => {
      const before = readdirSync(api.dataDir).sort();
      const created = await api.post(MAPS, configMap(name));
      expect([201, 422]).toContain(created.status);
      const read = await api.get(`${MAPS}/${encodeURIComponent(name)}`);
      // Clients take `.` and `..` out of a path themselves, so that another one is asked for then.
      if (name !== '.' && name !== '..') expect([200, 404]).toContain(read.status);
      expect(read.text).not.toContain(api.server.token);
      expect(readdirSync(api.dataDir).sort()).toEqual(before);
    },
  );

  test.each(['/api/v1/../../pki/token', '/..%2f..%2fkubeconfig', '/pki/token', '/api-port', '/store.db'])(
    'nothing of the data folder is served at %s',
    async (path) => {
      const answer = await exchange(head([`GET ${path} HTTP/1.1`, 'host: x', bearer(), 'connection: close']));
      expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    },
  );
});

test('only their owner can read keys, token, kubeconfig and store', () => {
  const pki = join(api.dataDir, 'pki');
  expect(statSync(pki).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(pki)) {
    const text = readFileSync(join(pki, name), 'utf8');
    if (!text.includes('BEGIN CERTIFICATE'))
      expect([name, statSync(join(pki, name)).mode & 0o777]).toEqual([name, 0o600]);
  }
  for (const name of ['kubeconfig', 'store.db', 'store.db-wal', 'store.db-shm']) {
    expect([name, statSync(join(api.dataDir, name)).mode & 0o077]).toEqual([name, 0]);
  }
});

test('a token is in no log and in no answer, whatever goes wrong', async () => {
  await api.call('GET', `${MAPS}?fieldSelector=x`);
  await api.call('POST', MAPS, { body: '{' });
  await api.call('GET', MAPS, { token: `${api.server.token}x` });
  await api.post(`${DEFAULT}/pods`, {
    metadata: { name: 'broken' },
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'x' }] },
  });
  await api.get(`${DEFAULT}/pods/broken/log`);
  expect(logged).toContain('the log broke');
  expect(logged).not.toContain(api.server.token);
});

test('a watcher that does not read is cut off, and the others go on', async () => {
  const lines = [`GET ${MAPS}?watch=true HTTP/1.1`, 'host: x', bearer()];
  const slow = connect({ port: api.server.port, host: '127.0.0.1', rejectUnauthorized: false });
  slow.on('error', () => {});
  const cut = once(slow, 'close');
  await once(slow, 'secureConnect');
  slow.write(head(lines));
  await once(slow, 'readable');
  slow.pause();
  const reader = await api.watch(`${MAPS}?watch=true&labelSelector=small`);
  const filler = 'x'.repeat(1_000_000);
  await api.post(MAPS, { ...configMap('large'), data: { filler } });
  // Far more than the buffers of both ends and what the server keeps for a watcher.
  for (let turn = 0; turn < 40; turn++) await api.merge(`${MAPS}/large`, { data: { turn: `${turn}` } });
  await api.post(MAPS, configMap('small', { labels: { small: 'yes' } }));
  expect(await reader.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'small' } } });
  slow.resume();
  await cut;
  expect((await api.get('/readyz')).status).toBe(200);
}, 60_000);
