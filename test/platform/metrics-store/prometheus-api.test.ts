/** The HTTP API as Prometheus' clients use it. */

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/lib/logger.ts';
import { createApiServer } from '../../../src/platform/metrics-store/api-server.ts';
import { DEFAULT_SETTINGS } from '../../../src/platform/metrics-store/promql/eval-context.ts';
import { storeOf } from '../../prometheus/embedded-answer.ts';

const points = [0, 10, 20].map((seconds) => ({ timeMs: seconds * 1_000, value: seconds }));
const store = storeOf([
  { labels: { __name__: 'g', a: 'x' }, points },
  { labels: { __name__: 'g', a: 'y' }, points },
  { labels: { __name__: 'h_bucket', le: '+Inf' }, points: points.slice(2) },
]);
const metadata = new Map([
  ['h', { type: 'histogram', help: 'Durations' }],
  ['gone', { type: 'gauge', help: '' }],
]);
let server: Server;
let url: string;

beforeAll(async () => {
  server = createApiServer({ store, metadata, settings: DEFAULT_SETTINGS, now: () => 20_000 }, silentLogger);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const get = async (path: string) => {
  const response = await fetch(url + path);
  return { status: response.status, body: await response.json() };
};

describe('a request is answered', () => {
  const cases: Record<string, [path: string, data: unknown]> = {
    'with a vector of now': [
      '/api/v1/query?query=g{a="x"}',
      { resultType: 'vector', result: [{ metric: { __name__: 'g', a: 'x' }, value: [20, '20'] }] },
    ],
    'with a vector of another instant': [
      '/api/v1/query?query=sum(g)&time=1970-01-01T00:00:10.5Z',
      { resultType: 'vector', result: [{ metric: {}, value: [10.5, '20'] }] },
    ],
    'with a scalar': ['/api/v1/query?query=1/0', { resultType: 'scalar', result: [20, '+Inf'] }],
    'with a string': ['/api/v1/query?query="x"', { resultType: 'string', result: [20, 'x'] }],
    'with samples of a range': [
      '/api/v1/query?query=g{a="x"}[15s]',
      {
        resultType: 'matrix',
        result: [
          {
            metric: { __name__: 'g', a: 'x' },
            values: [
              [10, '10'],
              [20, '20'],
            ],
          },
        ],
      },
    ],
    'with steps': [
      '/api/v1/query_range?query=sum(g)&start=0&end=20&step=10s',
      {
        resultType: 'matrix',
        result: [
          {
            metric: {},
            values: [
              [0, '0'],
              [10, '20'],
              [20, '40'],
            ],
          },
        ],
      },
    ],
    'with series': [
      '/api/v1/series?match[]=g&match[]={a="x"}',
      [
        { __name__: 'g', a: 'x' },
        { __name__: 'g', a: 'y' },
      ],
    ],
    'with series of a time': ['/api/v1/series?match[]=h_bucket&end=10', []],
    'with label names': ['/api/v1/labels', ['__name__', 'a', 'le']],
    'with label names of a selector': ['/api/v1/labels?match[]=h_bucket', ['__name__', 'le']],
    'with label values': ['/api/v1/label/a/values', ['x', 'y']],
    'with metric names': ['/api/v1/label/__name__/values?limit=1', ['g']],
    'with metadata of what there is': ['/api/v1/metadata', { h: [{ type: 'histogram', help: 'Durations', unit: '' }] }],
    'with a version': ['/api/v1/status/buildinfo', expect.objectContaining({ version: '3.0.0' })],
  };

  test.each(Object.entries(cases))('%s', async (_name, [path, data]) => {
    expect(await get(path)).toEqual({ status: 200, body: { status: 'success', data } });
  });

  test('when it is a form, as Grafana sends it', async () => {
    const body = new URLSearchParams({ query: 'count(g)', time: '20' });
    const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ data: { result: [{ value: [20, '2'] }] } });
  });

  test.each(['/-/healthy', '/-/ready'])('at %s', async (path) => {
    expect((await fetch(url + path)).status).toBe(200);
  });
});

describe('a request is refused', () => {
  const cases: Record<string, [path: string, status: number, errorType: string, error: RegExp]> = {
    'with the place of a wrong query': [
      '/api/v1/query?query=sum(up',
      400,
      'bad_data',
      /invalid parameter "query": 1:7: parse error/,
    ],
    'without a query': ['/api/v1/query', 400, 'bad_data', /no expression/],
    'with a time that is none': ['/api/v1/query?query=up&time=soon', 400, 'bad_data', /"time"/],
    'with an endless time': ['/api/v1/query?query=up&time=1e300', 400, 'bad_data', /"time"/],
    'without a start': ['/api/v1/query_range?query=up&end=1&step=1', 400, 'bad_data', /"start"/],
    'with an end before its start': [
      '/api/v1/query_range?query=up&start=2&end=1&step=1',
      400,
      'bad_data',
      /before start/,
    ],
    'with a step of nothing': [
      '/api/v1/query_range?query=up&start=0&end=1&step=0',
      400,
      'bad_data',
      /zero or negative/,
    ],
    'with too many steps': ['/api/v1/query_range?query=up&start=0&end=999999&step=1', 400, 'bad_data', /11000 points/],
    'when it cannot be computed': [
      '/api/v1/query?query=label_join(g,"0",",","a")',
      422,
      'execution',
      /invalid destination/,
    ],
    'without a selector': ['/api/v1/series', 400, 'bad_data', /match\[\]/],
    'with an expression for a selector': ['/api/v1/series?match[]=sum(g)', 400, 'bad_data', /series selector/],
    'for what the store does not have': ['/api/v1/alerts', 404, 'not_found', /no \/api\/v1\/alerts/],
    'outside the API': ['/etc/passwd', 404, 'not_found', /no \/etc/],
    'with a label that is none': ['/api/v1/label/%25/values', 400, 'bad_data', /invalid label name/],
  };

  test.each(Object.entries(cases))('%s', async (_name, [path, status, errorType, error]) => {
    const answer = await get(path);
    expect(answer).toEqual({ status, body: { status: 'error', errorType, error: expect.stringMatching(error) } });
  });

  test('with another method', async () => {
    expect((await fetch(`${url}/api/v1/query`, { method: 'DELETE' })).status).toBe(405);
  });

  test('with an endless form', async () => {
    const body = new URLSearchParams({ query: 'x'.repeat(2 << 20) });
    expect((await fetch(`${url}/api/v1/query`, { method: 'POST', body })).status).toBe(413);
  });

  test('with a broken escape in its path, and the server lives on', async () => {
    expect((await fetch(`${url}/api/v1/label/%E0%A4%A/values`)).status).toBe(400);
    expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  });
});
