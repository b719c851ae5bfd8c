import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createProvider, type ProviderSecret } from '../../src/metrics/create-provider.ts';
import type { MetricProviderSpec } from '../../src/metrics/metric-template.schema.ts';
import { FakeClock } from '../support/fake-clock.ts';

const clock = new FakeClock(1_000_000);
let server: Server;
let address: string;
let seen: { url: string | undefined; headers: IncomingHttpHeaders };

beforeAll(async () => {
  server = createServer(({ url, headers }, response) => {
    seen = { url, headers };
    const result = [{ metric: {}, value: [1_000, '1'] }];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prometheus`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (spec: Partial<MetricProviderSpec>, secret?: ProviderSecret) =>
  createProvider({ type: 'prometheus', address, ...spec }, { clock, ...(secret !== undefined && { secret }) }).query(
    'up',
    new AbortController().signal,
  );

describe('a provider of type prometheus', () => {
  const secretRef = { name: 'credentials' };
  const basic = `Basic ${Buffer.from('me:pass').toString('base64')}`;
  const cases: Record<
    string,
    [spec: Partial<MetricProviderSpec>, secret: ProviderSecret | undefined, authorization: string | undefined]
  > = {
    'needs no credentials': [{}, undefined, undefined],
    'sends the token of its Secret': [{ secretRef }, { token: 'abc\n' }, 'Bearer abc'],
    'prefers the token': [{ secretRef }, { token: 'abc', username: 'me', password: 'pass' }, 'Bearer abc'],
    'sends user and password of its Secret': [{ secretRef }, { username: 'me', password: 'pass' }, basic],
  };

  test.each(Object.entries(cases))('%s', async (_name, [spec, secret, authorization]) => {
    expect(await ask(spec, secret)).toEqual({ kind: 'value', value: 1 });
    expect(seen.headers.authorization).toBe(authorization);
  });

  test('keeps the path of its address and sends its headers', async () => {
    await ask({ headers: { 'x-scope-orgid': ['one', 'two'] } });
    expect(seen.url).toMatch(/^\/prometheus\/api\/v1\/query\?query=up&time=1000/);
    expect(seen.headers['x-scope-orgid']).toBe('one, two');
  });

  test('on loopback is asked directly, whatever proxy the environment names', async () => {
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    try {
      expect(await ask({})).toEqual({ kind: 'value', value: 1 });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  const unusable: Record<
    string,
    [spec: Partial<MetricProviderSpec>, secret: ProviderSecret | undefined, reason: RegExp]
  > = {
    'without its Secret': [{ secretRef }, undefined, /Secret credentials must exist/],
    'with half a Secret': [{ secretRef }, { username: 'me' }, /username and password/],
    'with an address that is none': [{ address: 'prometheus' }, undefined, /must be a URL: got prometheus/],
    'of a type that is not supported': [{ type: 'datadog' }, undefined, /type datadog are not supported/],
  };

  test.each(Object.entries(unusable))('holds the rollout %s', async (_name, [spec, secret, reason]) => {
    expect(await ask(spec, secret)).toEqual({ kind: 'unreachable', reason: expect.stringMatching(reason) });
  });
});
