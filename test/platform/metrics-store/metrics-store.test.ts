/** The whole store over real sockets: pages are scraped, queries are answered. Only time is not real. */

import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/lib/logger.ts';
import { builtinQuery } from '../../../src/metrics/builtin-query.ts';
import { createPrometheusProvider } from '../../../src/metrics/prometheus-provider.ts';
import { type MetricsStore, startMetricsStore } from '../../../src/platform/metrics-store/metrics-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type Exporter, startExporter } from './exporter.ts';

const never = new AbortController().signal;
let clock: FakeClock;
let store: MetricsStore;
let exporter: Exporter;

beforeEach(async () => {
  clock = new FakeClock(1_700_000_000_000);
  store = await startMetricsStore({ port: 0, clock, random: () => 0.5, logger: silentLogger });
  exporter = await startExporter('a 1\n');
});

afterEach(async () => {
  await store.close();
  await exporter.close();
});

const queryAnswer = async (query: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
  const response = await fetch(`${store.url}/api/v1/query?${new URLSearchParams({ query })}`);
  const body = (await response.json()) as { data: { result: [] } };
  return body.data.result;
};
const valuesOf = async (query: string) => (await queryAnswer(query)).map(({ value }) => value[1]);

/** Scrapes end when their answers have arrived, which no clock knows. */
const until = async (query: string, values: string[]) => {
  for (;;) {
    const found = await valuesOf(query);
    if (JSON.stringify(found) === JSON.stringify(values)) return;
    await setImmediate();
  }
};

/** Lets one more round of scrapes happen and be stored. */
const nextRound = async () => {
  await clock.advance(1_000);
  await until('timestamp(up) == bool time()', ['1']);
};
const scrapeFirst = async (labels: Record<string, string> = {}) => {
  store.setTargets([{ url: exporter.url, labels: { job: 'test', ...labels } }]);
  await until('up', [typeof exporter.page === 'number' ? '0' : '1']);
  // Half an interval, as `random` says; from here on rounds are whole seconds apart.
  await clock.advance(500);
  await until('timestamp(up) == bool time()', ['1']);
};

describe('a target', () => {
  test('is scraped every second, and its counters become rates', async () => {
    exporter.page = 'requests_total{code="200"} 100\n';
    await scrapeFirst();
    for (let round = 1; round <= 10; round++) {
      exporter.page = `requests_total{code="200"} ${100 + round * 7}\n`;
      await nextRound();
    }
    const [rate] = await valuesOf('rate(requests_total[5s])');
    expect(Number(rate)).toBeCloseTo(7, 9);
    expect(exporter.scrapes).toBe(12);
  });

  test('gives its labels to every series, and keeps those of the page beside them', async () => {
    exporter.page = 'a{job="inner",x="y"} 1\n';
    await scrapeFirst({ namespace: 'n' });
    const [series] = await queryAnswer('a');
    const instance = new URL(exporter.url).host;
    expect(series?.metric).toEqual({
      __name__: 'a',
      exported_job: 'inner',
      x: 'y',
      instance,
      job: 'test',
      namespace: 'n',
    });
  });

  test('that drops a series makes it vanish at once, not after five minutes', async () => {
    exporter.page = 'a 1\nb 2\n';
    await scrapeFirst();
    exporter.page = 'b 2\n';
    await nextRound();
    expect([await valuesOf('a'), await valuesOf('b')]).toEqual([[], ['2']]);
  });

  test.each([500, 'a 1\nthis is no page\n'])('that answers %j is down, and its series are gone', async (page) => {
    await scrapeFirst();
    exporter.page = page;
    await nextRound();
    expect([await valuesOf('up'), await valuesOf('a')]).toEqual([['0'], []]);
  });

  test('that refuses connections is down and comes back', async () => {
    await scrapeFirst();
    exporter.page = 503;
    await nextRound();
    exporter.page = 'a 5\n';
    await nextRound();
    expect([await valuesOf('up'), await valuesOf('a')]).toEqual([['1'], ['5']]);
  });

  test('that is taken off the list is gone, and others are not disturbed', async () => {
    const other = await startExporter('o 1\n');
    const target = { url: exporter.url, labels: { job: 'test' } };
    await scrapeFirst();
    store.setTargets([target, { url: other.url, labels: { job: 'other' } }]);
    await until('o', ['1']);
    store.setTargets([target]);
    const before = other.scrapes;
    await nextRound();
    expect([await valuesOf('o'), await valuesOf('a'), other.scrapes]).toEqual([[], ['1'], before]);
    await other.close();
  });

  test('states its own instants where it wants to', async () => {
    exporter.page = `a 1 ${clock.now() - 2_000}\n`;
    await scrapeFirst();
    expect(await valuesOf('time() - timestamp(a)')).toEqual(['2.5']);
  });
});

describe('evidence', () => {
  const page = (codes: Record<string, number>) =>
    Object.entries(codes)
      .map(
        ([code, count]) =>
          `istio_requests_total{reporter="destination",destination_workload="app",destination_workload_namespace="test",response_code="${code}"} ${count}\n`,
      )
      .join('');
  const successRate = () => {
    const query = builtinQuery('request-success-rate', { namespace: 'test', target: 'app', interval: '10s' });
    return createPrometheusProvider({ address: store.url, clock }).query(query, never);
  };

  test('without requests is no data', async () => {
    exporter.page = page({});
    await scrapeFirst();
    expect(await successRate()).toMatchObject({ kind: 'noData' });
  });

  test('of requests that have stopped is no data', async () => {
    exporter.page = page({ 200: 5 });
    await scrapeFirst();
    await nextRound();
    expect(await successRate()).toMatchObject({ kind: 'noData' });
  });

  test('of a version that answers only 500 is a rate of 0', async () => {
    exporter.page = page({ 500: 5 });
    await scrapeFirst();
    exporter.page = page({ 500: 25 });
    await nextRound();
    expect(await successRate()).toEqual({ kind: 'value', value: 0 });
  });

  test('of a version with 15 % errors is a rate of 85', async () => {
    exporter.page = page({ 200: 0, 500: 0 });
    await scrapeFirst();
    exporter.page = page({ 200: 85, 500: 15 });
    await nextRound();
    expect(await successRate()).toEqual({ kind: 'value', value: expect.closeTo(85, 9) });
  });
});

test('samples older than the retention are forgotten', async () => {
  await scrapeFirst();
  store.setTargets([]);
  await clock.advance(7_200_000 + 120_000);
  const response = await fetch(`${store.url}/api/v1/series?match[]=a`);
  expect(await response.json()).toEqual({ status: 'success', data: [] });
});

test('a port in use is named', async () => {
  const port = Number(new URL(store.url).port);
  const second = startMetricsStore({ port, clock, random: () => 0, logger: silentLogger });
  await expect(second).rejects.toMatchObject({ code: 'SL0003', message: expect.stringContaining(String(port)) });
});
