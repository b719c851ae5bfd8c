import { afterEach, describe, expect, test } from 'vitest';
import { connect } from '../../src/kube/connect.ts';
import { ApiError, type KubeClient, type WatchEvent } from '../../src/kube/kube-client.ts';
import { CONFIG_MAP, DEPLOYMENT, NODE } from '../../src/kube/resource-types.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  type Answer,
  failure,
  json,
  type ScriptedApiServer,
  scriptedApiServer,
} from '../support/scripted-api-server.ts';

const servers: ScriptedApiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serverThat(answer: Answer): Promise<ScriptedApiServer> {
  const server = await scriptedApiServer(answer);
  servers.push(server);
  return server;
}

const configMap = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

describe('requests', () => {
  const cases: Record<
    string,
    { act: (client: KubeClient) => Promise<unknown>; line: string; type?: string; body?: unknown }
  > = {
    'read an object of the context’s namespace': {
      act: (client) => client.get(CONFIG_MAP, { name: 'a' }),
      line: 'GET /api/v1/namespaces/shop/configmaps/a',
    },
    'read a cluster-scoped object': {
      act: (client) => client.get(NODE, { name: 'n 1' }),
      line: 'GET /api/v1/nodes/n%201',
    },
    'list a kind in all namespaces, in pages': {
      act: (client) => client.list(DEPLOYMENT),
      line: 'GET /apis/apps/v1/deployments?limit=500',
    },
    'list with selectors': {
      act: (client) => client.list(DEPLOYMENT, { namespace: 'x', labelSelector: 'a=b,c', fieldSelector: 'd=e' }),
      line: 'GET /apis/apps/v1/namespaces/x/deployments?labelSelector=a%3Db%2Cc&fieldSelector=d%3De&limit=500',
    },
    'create with a field manager, dry': {
      act: (client) => client.create(CONFIG_MAP, configMap('a'), { fieldManager: 'me', dryRun: true }),
      line: 'POST /api/v1/namespaces/shop/configmaps?fieldManager=me&dryRun=All',
      type: 'application/json',
      body: configMap('a'),
    },
    'create a binding of a pod': {
      act: (client) => client.create(CONFIG_MAP, configMap('a'), { subresource: 'binding' }),
      line: 'POST /api/v1/namespaces/shop/configmaps/a/binding',
    },
    'replace a status': {
      act: (client) => client.replace(CONFIG_MAP, configMap('a'), { subresource: 'status' }),
      line: 'PUT /api/v1/namespaces/shop/configmaps/a/status',
    },
    'merge a patch': {
      act: (client) =>
        client.patch(CONFIG_MAP, { name: 'a' }, { data: null }, { strategy: 'merge', subresource: 'status' }),
      line: 'PATCH /api/v1/namespaces/shop/configmaps/a/status',
      type: 'application/merge-patch+json',
      body: { data: null },
    },
    'apply with force': {
      act: (client) =>
        client.patch(CONFIG_MAP, { name: 'a' }, configMap('a'), { strategy: 'apply', fieldManager: 'me', force: true }),
      line: 'PATCH /api/v1/namespaces/shop/configmaps/a?fieldManager=me&force=true',
      type: 'application/apply-patch+yaml',
    },
    'delete with a grace period': {
      act: (client) => client.delete(CONFIG_MAP, { name: 'a' }, { gracePeriodSeconds: 0, preconditions: { uid: 'u' } }),
      line: 'DELETE /api/v1/namespaces/shop/configmaps/a',
      body: { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid: 'u' } },
    },
  };

  test.each(Object.entries(cases))('%s', async (_name, { act, line, type, body }) => {
    const server = await serverThat((_request, response) => json(response, 200, { metadata: {}, items: [] }));
    await act(await server.client());
    const [request] = server.requests;
    expect(`${request?.method} ${request?.url}`).toBe(line);
    expect(request?.headers.authorization).toBe('Bearer very-secret');
    if (type !== undefined) expect(request?.headers['content-type']).toBe(type);
    if (body !== undefined) expect(JSON.parse(request?.body ?? '')).toEqual(body);
  });

  test('share kept-alive connections', async () => {
    const server = await serverThat((_request, response) => json(response, 200, configMap('a')));
    const client = await server.client();
    for (let time = 0; time < 20; time++) await client.get(CONFIG_MAP, { name: 'a' });
    // A second one may be opened while the first is still being returned to the pool.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test('follow a list to its last page and name the kind of its items', async () => {
    const server = await serverThat(({ url }, response) => {
      const last = url.includes('continue=more');
      const metadata = last ? { resourceVersion: '7' } : { resourceVersion: '7', continue: 'more' };
      json(response, 200, { metadata, items: [{ metadata: { name: last ? 'b' : 'a' } }] });
    });
    expect(await (await server.client()).list(CONFIG_MAP)).toEqual({
      items: [configMap('a'), configMap('b')],
      resourceVersion: '7',
    });
  });

  test('list again without pages when the continue token expires on the way', async () => {
    const server = await serverThat(({ url }, response) => {
      if (url.includes('continue')) json(response, 410, failure(410, 'Expired'));
      else if (url.includes('limit')) json(response, 200, { metadata: { continue: 'old' }, items: [configMap('a')] });
      else json(response, 200, { metadata: { resourceVersion: '9' }, items: [configMap('a'), configMap('b')] });
    });
    expect((await (await server.client()).list(CONFIG_MAP)).items).toHaveLength(2);
  });
});

describe('failures', () => {
  const failing = (client: KubeClient) => client.create(CONFIG_MAP, configMap('a')).catch((thrown: unknown) => thrown);

  test('carry reason, causes and remedy of the Status', async () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'too big', field: 'data.a' }];
    const server = await serverThat((_request, response) => json(response, 422, failure(422, 'Invalid', { causes })));
    const thrown = await failing(await server.client());
    expect(thrown).toBeInstanceOf(ApiError);
    expect(thrown).toMatchObject({ code: 'SL0005', status: 422, reason: 'Invalid', causes, remedy: { kind: 'stall' } });
    expect((thrown as Error).message).toBe('Creating ConfigMap a: it is Invalid');
  });

  test('quote a body that is no Status in short', async () => {
    const server = await serverThat((_request, response) => response.writeHead(502).end(`<html>${'x'.repeat(9_000)}`));
    const thrown = (await failing(await server.client())) as ApiError;
    expect(thrown).toMatchObject({ status: 502, reason: 'InternalError', remedy: { kind: 'retry' } });
    expect(thrown.message.length).toBeLessThan(300);
  });

  test('say that the server is unreachable, and never the token', async () => {
    const server = await serverThat(() => {});
    const client = await server.client();
    await server.close();
    const reconnected = await connect({ kubeconfigText: server.kubeconfig, clock: systemClock, userAgent: 't' });
    const thrown = (await failing(reconnected)) as ApiError;
    await reconnected.close();
    expect(client.target).toEqual({ context: 'test', server: server.url, namespace: 'shop' });
    expect(thrown).toMatchObject({ code: 'SL0006', remedy: { kind: 'retry' } });
    expect(thrown.message).toContain('ECONNREFUSED');
    expect(JSON.stringify(thrown)).not.toContain('very-secret');
  });

  test('of an absent object: undefined when read, success when deleted', async () => {
    const server = await serverThat((_request, response) => json(response, 404, failure(404, 'NotFound')));
    const client = await server.client();
    expect(await client.get(CONFIG_MAP, { name: 'a' })).toBeUndefined();
    await client.delete(CONFIG_MAP, { name: 'a' });
  });

  test('with 429 are repeated after the time the server asks for, and not before', async () => {
    let refusals = 2;
    const server = await serverThat((_request, response) => {
      if (refusals-- > 0) json(response, 429, failure(429, 'TooManyRequests'), { 'retry-after': '3' });
      else json(response, 201, configMap('a'));
    });
    const clock = new FakeClock();
    const created = (await server.client({ clock, random: () => 0.5 })).create(CONFIG_MAP, configMap('a'));
    await until(() => clock.pendingTimers === 1);
    await clock.advance(3_000);
    expect(server.requests).toHaveLength(1);
    await clock.advance(150);
    await until(() => server.requests.length === 2 && clock.pendingTimers === 1);
    await clock.advance(3_150);
    await created;
    expect(server.requests).toHaveLength(3);
  });

  test('with 503 are not repeated when the request changes something', async () => {
    const server = await serverThat((_request, response) =>
      json(response, 503, failure(503, 'ServiceUnavailable'), { 'retry-after': '2' }),
    );
    expect(await failing(await server.client())).toMatchObject({ remedy: { kind: 'wait', retryAfterMs: 2_000 } });
    expect(server.requests).toHaveLength(1);
  });

  test('of a reading whose connection was cut are tried once more', async () => {
    const server = await serverThat((_request, response) => {
      if (server.requests.length === 1) response.destroy();
      else json(response, 200, configMap('a'));
    });
    expect(await (await server.client()).get(CONFIG_MAP, { name: 'a' })).toEqual(configMap('a'));
  });
});

describe('a kubeconfig', () => {
  const cases: Record<string, { text: string; context?: string; code: string }> = {
    'that is no YAML': { text: '{', code: 'SL0100' },
    'without contexts': { text: '{"apiVersion":"v1","kind":"Config"}', code: 'SL0100' },
    'without the named context': { text: '{"apiVersion":"v1","kind":"Config"}', context: 'prod', code: 'SL0100' },
  };
  test.each(Object.entries(cases))('%s is refused', async (_name, { text, context, code }) => {
    const options = {
      kubeconfigText: text,
      clock: systemClock,
      userAgent: 't',
      ...(context === undefined ? {} : { context }),
    };
    await expect(connect(options)).rejects.toMatchObject({ code });
  });
});

describe('watch', () => {
  async function eventsOf(
    answer: Answer,
  ): Promise<{ events: WatchEvent[]; thrown: unknown; server: ScriptedApiServer }> {
    const server = await serverThat(answer);
    const events: WatchEvent[] = [];
    const signal = new AbortController().signal;
    let thrown: unknown;
    try {
      const options = { resourceVersion: '5', timeoutSeconds: 60, signal };
      for await (const event of (await server.client()).watch(CONFIG_MAP, options)) events.push(event);
    } catch (caught) {
      thrown = caught;
    }
    return { events, thrown, server };
  }
  const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;

  test('yields events in order, whole although the network cuts them inside a character', async () => {
    const bytes = Buffer.from(
      line('ADDED', configMap('ä')) +
        line('BOOKMARK', { metadata: { resourceVersion: '8' } }) +
        line('DELETED', configMap('ä')),
    );
    const { events, thrown, server } = await eventsOf((_request, response) => {
      const cut = bytes.indexOf(0xc3) + 1;
      response.write(bytes.subarray(0, cut), () => response.end(bytes.subarray(cut)));
    });
    expect(thrown).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK', 'DELETED']);
    expect(events[0]).toEqual({ type: 'ADDED', object: configMap('ä') });
    expect(server.requests[0]?.url).toBe(
      '/api/v1/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=60',
    );
  });

  test('yields an ERROR event with status and reason', async () => {
    const { events } = await eventsOf((_request, response) => response.end(line('ERROR', failure(410, 'Expired'))));
    expect(events).toEqual([{ type: 'ERROR', status: 410, reason: 'Expired', message: 'it is Expired' }]);
  });

  test('throws what the server refused it with', async () => {
    const { thrown } = await eventsOf((_request, response) => json(response, 410, failure(410, 'Expired')));
    expect(thrown).toMatchObject({ status: 410, reason: 'Expired' });
  });

  test('throws when the connection is cut, after the whole events before it', async () => {
    const { events, thrown } = await eventsOf((_request, response) => {
      response.write(`${line('ADDED', configMap('a'))}{"type":"ADD`, () => response.socket?.destroy());
    });
    expect(events).toHaveLength(1);
    expect(thrown).toMatchObject({ code: 'SL0006' });
  });

  test('ends with the reason of its signal', async () => {
    const server = await serverThat((_request, response) => response.writeHead(200).flushHeaders());
    const abort = new AbortController();
    const options = { resourceVersion: '5', timeoutSeconds: 60, signal: abort.signal };
    const ended = (await server.client()).watch(CONFIG_MAP, options)[Symbol.asyncIterator]().next();
    await until(() => server.requests.length === 1);
    abort.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
