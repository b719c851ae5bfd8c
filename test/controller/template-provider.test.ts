import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { templateProvider } from '../../src/controller/template-provider.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { KubeObject } from '../../src/lib/resource.ts';

const signal = AbortSignal.timeout(30_000);
const seen: { authorization: string | undefined; team: string | string[] | undefined }[] = [];
const server = createServer(({ headers }, response) => {
  seen.push({ authorization: headers.authorization, team: headers['x-team'] });
  const result = [{ metric: {}, value: [systemClock.now() / 1_000, '7'] }];
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
});
let address = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

type Secret = Record<string, string> | Error | undefined;

function ask(type: 'prometheus' | 'datadog', secret: Secret, clock: Clock = systemClock) {
  const encoded = Object.entries(secret ?? {}).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  const get = async <T extends KubeObject>(): Promise<T | undefined> => {
    if (secret instanceof Error) throw secret;
    if (secret === undefined) return undefined;
    const metadata = { name: 'login', namespace: 'ops' };
    return { apiVersion: 'v1', kind: 'Secret', metadata, data: Object.fromEntries(encoded) } as unknown as T;
  };
  const spec = { type, address, secretRef: { name: 'login' }, headers: { 'x-team': ['a', 'b'] } };
  const template = { kind: 'template', namespace: 'ops', name: 'errors', spec } as const;
  return templateProvider(template, { client: { get }, clock }).then((provider) => provider.query('up', signal));
}

describe('a MetricTemplate with a Secret', () => {
  test('asks its server with the token and the headers', async () => {
    expect(await ask('prometheus', { token: 's3cret\n' })).toEqual({ kind: 'value', value: 7 });
    expect(seen.at(-1)).toEqual({ authorization: 'Bearer s3cret', team: 'a, b' });
  });

  const held: Record<string, ['prometheus' | 'datadog', Secret, RegExp]> = {
    'that does not exist': ['prometheus', undefined, /^The Secret ops\/login of MetricTemplate errors does not exist$/],
    'that may not be read': [
      'prometheus',
      new Error('forbidden'),
      /^The Secret ops\/login .* cannot be read: forbidden$/,
    ],
    'without credentials': ['prometheus', { other: 'x' }, /must exist and hold token, or username and password$/],
    'for a server of another kind': ['datadog', { token: 't' }, /of type datadog are not supported/],
  };
  test.each(Object.entries(held))('%s holds the rollout and says why', async (_name, [type, secret, reason]) => {
    expect(await ask(type, secret)).toEqual({ kind: 'unreachable', reason: expect.stringMatching(reason) });
  });
});
