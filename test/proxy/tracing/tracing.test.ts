/** Tracing of a running proxy, with a collector that receives what it sends. */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TracingProvider } from '../../../src/proxy/tracing/span.ts';
import { exchange } from '../../support/exchange.ts';
import { type ProxyTestOptions, type ProxyUnderTest, startProxyUnderTest } from '../../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../../support/sample-table.ts';
import { type SpanCollector, startSpanCollector } from '../../support/span-collector.ts';
import {
  type RecordingUpstream,
  recordingUpstream,
  type Upstream,
  upstreamSaying,
} from '../../support/upstream-saying.ts';

const soon = { timeout: 20_000, interval: 20 };
const TRACE = '463ac35c9f6413ad48485a3953bb6124';
const SPAN = 'a2fb4a1d1a96d312';
const CLUSTER = 'outbound|80||web.default.svc.cluster.local';

type ZipkinSpan = {
  traceId: string;
  id: string;
  parentId?: string;
  name: string;
  kind: string;
  timestamp: number;
  duration: number;
  localEndpoint: { serviceName: string };
  tags: Record<string, string>;
};

let web: RecordingUpstream;
let busy: Upstream;
beforeAll(async () => {
  web = await recordingUpstream();
  busy = await upstreamSaying('HTTP/1.1 503 Busy', 'content-length: 0', '', '');
});
afterAll(() => Promise.all([web.close(), busy.close()]));

async function startTraced(options: ProxyTestOptions): Promise<ProxyUnderTest> {
  const proxy = await startProxyUnderTest(options);
  const retried = { attempts: 1, on: ['5xx'], backoffMs: 1 };
  await proxy.hand(
    handing(1, [
      clusterItem(CLUSTER),
      clusterItem('busy'),
      endpointsItem(CLUSTER, [web.port]),
      endpointsItem('busy', [busy.port]),
      hostItem([
        {
          name: 'busy',
          match: { uri: { kind: 'prefix', value: '/busy' } },
          action: forwardTo({ busy: 1 }),
          retry: retried,
        },
        { name: 'default', match: { uri: { kind: 'prefix', value: '/t' } }, action: forwardTo({ [CLUSTER]: 1 }) },
      ]),
    ]),
  );
  return proxy;
}

const tracedTo = (endpoint: string, provider: TracingProvider = 'zipkin', samplingPercent = 100) => ({
  tracing: { provider, endpoint, samplingPercent },
});

/** Sends a request, and returns the fields that the service saw. */
async function get(proxy: ProxyUnderTest, path: string, ...fields: string[]): Promise<Map<string, string>> {
  await exchange(proxy.httpPort, [`GET ${path} HTTP/1.1`, 'host: shop', ...fields, 'connection: close', '', '']);
  return new Map(web.requests.at(-1)?.fields);
}

const spansOf = ({ received }: SpanCollector) => received.flatMap(({ body }) => body as ZipkinSpan[]);

describe('spans for Zipkin', () => {
  let collector: SpanCollector;
  let proxy: ProxyUnderTest;
  beforeAll(async () => {
    collector = await startSpanCollector();
    proxy = await startTraced(tracedTo(collector.url));
  });
  afterAll(async () => {
    await proxy.close();
    await collector.close();
  });

  test('tell of the request and of its try, in the trace of the caller, and the service is told of the try', async () => {
    const fields = await get(
      proxy,
      '/t?x=1',
      `x-b3-traceid: ${TRACE}`,
      `x-b3-spanid: ${SPAN}`,
      'x-b3-sampled: 1',
      'user-agent: t',
    );
    await vi.waitFor(() => expect(spansOf(collector)).toHaveLength(2), soon);
    const [tried, asked] = spansOf(collector) as [ZipkinSpan, ZipkinSpan];
    expect(asked).toMatchObject({
      ...{ traceId: TRACE, parentId: SPAN, kind: 'SERVER', name: 'web.default.svc.cluster.local:80/*' },
      localEndpoint: { serviceName: 'sluice-proxy.default' },
      tags: {
        ...{ component: 'proxy', 'http.method': 'GET', 'http.url': 'http://shop/t?x=1', 'http.status_code': '200' },
        ...{ user_agent: 't', 'peer.address': '127.0.0.1', response_flags: '-', upstream_cluster: CLUSTER },
        ...{ request_size: '0', 'guid:x-request-id': fields.get('x-request-id'), 'istio.mesh_id': 'cluster.local' },
      },
    });
    expect(tried).toMatchObject({
      ...{ traceId: TRACE, parentId: asked.id, kind: 'CLIENT', name: `router ${CLUSTER} egress` },
      tags: { upstream_address: `127.0.0.1:${web.port}`, 'http.status_code': '200' },
    });
    expect(asked.tags.error).toBeUndefined();
    expect(tried.timestamp).toBeGreaterThanOrEqual(asked.timestamp);
    expect(asked.duration).toBeGreaterThanOrEqual(1);
    expect(fields.get('x-b3-traceid')).toBe(TRACE);
    expect(fields.get('x-b3-spanid')).toBe(tried.id);
    expect(fields.get('x-b3-parentspanid')).toBe(asked.id);
    expect(fields.get('x-b3-sampled')).toBe('1');
    expect(fields.has('traceparent')).toBe(false);
    expect(collector.received[0]).toMatchObject({ path: '/api/v2/spans', type: 'application/json' });
  });

  test('tell of every try', async () => {
    collector.received.length = 0;
    await get(proxy, '/busy');
    await vi.waitFor(() => expect(spansOf(collector)).toHaveLength(3), soon);
    const [first, second, asked] = spansOf(collector) as [ZipkinSpan, ZipkinSpan, ZipkinSpan];
    expect([first.parentId, second.parentId]).toEqual([asked.id, asked.id]);
    expect(first.id).not.toBe(second.id);
    expect(second.tags).toMatchObject({ 'retry.count': '1', error: 'true', 'http.status_code': '503' });
    expect(asked.tags).toMatchObject({ error: 'true', 'http.status_code': '503' });
    expect(asked.parentId).toBeUndefined();
  });

  test('tell of answers of the proxy, too', async () => {
    collector.received.length = 0;
    await get(proxy, '/nowhere');
    await vi.waitFor(() => expect(spansOf(collector)).toHaveLength(1), soon);
    expect(spansOf(collector)[0]).toMatchObject({ name: 'ingress', tags: { response_flags: 'NR' } });
  });

  test('are not sent where the caller decided so, and the service is told', async () => {
    collector.received.length = 0;
    const fields = await get(proxy, '/t', `b3: ${TRACE}-${SPAN}-0`);
    expect(fields.get('x-b3-sampled')).toBe('0');
    expect(fields.get('b3')).toMatch(new RegExp(`^${TRACE}-[0-9a-f]{16}-0-[0-9a-f]{16}$`));
    await get(proxy, '/t');
    await vi.waitFor(() => expect(spansOf(collector)).toHaveLength(2), soon);
    expect(spansOf(collector).map(({ traceId }) => traceId)).not.toContain(TRACE);
  });

  test('are in the request id as Envoy keeps it', async () => {
    const made = (await get(proxy, '/t')).get('x-request-id') ?? '';
    expect(made[14]).toBe('9');
    const kept = await get(proxy, '/t', 'x-request-id: not-a-uuid');
    expect(kept.get('x-request-id')).toBe('not-a-uuid');
  });
});

describe('spans by OTLP', () => {
  test('go on with the trace of W3C, and speak B3 to whom B3 was spoken', async () => {
    const collector = await startSpanCollector();
    const proxy = await startTraced(tracedTo(collector.url, 'otlp'));
    const fields = await get(proxy, '/t', `traceparent: 00-${TRACE}-${SPAN}-01`, 'tracestate: a=1', 'x-b3-sampled: 1');
    await vi.waitFor(() => expect(collector.received).not.toEqual([]), soon);
    expect(collector.received[0]).toMatchObject({ path: '/v1/traces', type: 'application/json' });
    const { resourceSpans } = collector.received.map(({ body }) => body)[0] as {
      resourceSpans: [{ resource: unknown; scopeSpans: [{ spans: Record<string, unknown>[] }] }];
    };
    expect(resourceSpans[0].resource).toEqual({
      attributes: [{ key: 'service.name', value: { stringValue: 'sluice-proxy.default' } }],
    });
    const [tried, asked] = resourceSpans[0].scopeSpans[0].spans as [Record<string, string>, Record<string, string>];
    expect(asked).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, kind: 2, status: {} });
    expect(tried).toMatchObject({ traceId: TRACE, parentSpanId: asked.spanId, kind: 3 });
    expect(asked.startTimeUnixNano).toMatch(/^\d{19}$/);
    expect(BigInt(asked.endTimeUnixNano as string)).toBeGreaterThanOrEqual(BigInt(asked.startTimeUnixNano as string));
    expect(fields.get('traceparent')).toBe(`00-${TRACE}-${tried.spanId}-01`);
    expect(fields.get('tracestate')).toBe('a=1');
    expect(fields.get('x-b3-spanid')).toBe(tried.spanId);
    await proxy.close();
    await collector.close();
  });

  test('begin a trace of their own where the one that came is none, and leave its state behind', async () => {
    const collector = await startSpanCollector();
    const proxy = await startTraced(tracedTo(collector.url, 'otlp', 0));
    const fields = await get(proxy, '/t', 'traceparent: 00-nonsense', 'tracestate: a=1');
    expect(fields.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(fields.has('tracestate')).toBe(false);
    await proxy.close();
    expect(collector.received).toEqual([]);
    await collector.close();
  });
});

describe('a collector that', () => {
  const troubles: Record<string, () => Promise<SpanCollector>> = {
    'refuses batches': () => startSpanCollector(500),
    'is not there': async () => {
      const gone = await startSpanCollector();
      await gone.close();
      return { ...gone, close: async () => {} };
    },
  };
  test.each(Object.entries(troubles))('%s costs no request, and what it misses is counted', async (_name, start) => {
    const collector = await start();
    const proxy = await startTraced(tracedTo(collector.url));
    for (let count = 0; count < 5; count++) {
      await get(proxy, '/t', `x-request-id: trouble-${count}`);
      expect(web.requests.at(-1)?.fields).toContainEqual(['x-request-id', `trouble-${count}`]);
    }
    const dropped = /sluice_proxy_spans_dropped_total\{reason="not_taken"\} 10\n/;
    await vi.waitFor(async () => expect((await proxy.admin('/metrics')).text).toMatch(dropped), soon);
    await proxy.close();
    await collector.close();
  });

  test('never answers holds up nobody', async () => {
    const collector = await startSpanCollector(undefined);
    const proxy = await startTraced(tracedTo(collector.url));
    for (let count = 0; count < 5; count++) {
      expect(
        (await exchange(proxy.httpPort, ['GET /t HTTP/1.1', 'host: shop', 'connection: close', '', ''])).text,
      ).toMatch(/^HTTP\/1\.1 200 /);
    }
    await proxy.close();
    await collector.close();
  });
});

describe('the id of a request', () => {
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const cases: Record<string, { options: ProxyTestOptions; sent: string[]; seen: RegExp }> = {
    'is made where none came': { options: {}, sent: [], seen: UUID },
    'is kept beside a caller': { options: { role: 'sidecar' }, sent: ['x-request-id: mine'], seen: /^mine$/ },
    'is kept on one machine': { options: {}, sent: ['x-request-id: mine'], seen: /^mine$/ },
    'is replaced at the edge of a mesh': {
      options: { role: 'gateway', replacesRequestIds: true },
      sent: ['x-request-id: mine'],
      seen: UUID,
    },
  };
  test.each(Object.entries(cases))('%s', async (_name, { options, sent, seen }) => {
    const proxy = await startTraced(options);
    expect((await get(proxy, '/t', ...sent)).get('x-request-id')).toMatch(seen);
    await proxy.close();
  });

  test('decides about recording beside a caller; strangers decide nothing', async () => {
    const collector = await startSpanCollector();
    const decided = 'x-request-id: 01234567-0123-9123-8123-0123456789ab';
    for (const [role, spans] of [
      ['sidecar', 2],
      ['gateway', 0],
    ] as const) {
      collector.received.length = 0;
      const proxy = await startTraced({ role, ...tracedTo(collector.url, 'zipkin', 0) });
      await get(proxy, '/t', decided);
      await proxy.close();
      expect(spansOf(collector)).toHaveLength(spans);
    }
    await collector.close();
  });
});
