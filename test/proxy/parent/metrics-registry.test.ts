import { expect, test } from 'vitest';
import { expositionText, statsJson, statsText } from '../../../src/proxy/parent/exposition.ts';
import { MetricsRegistry } from '../../../src/proxy/parent/metrics-registry.ts';
import { RequestSeries } from '../../../src/proxy/telemetry/request-series.ts';
import { SeriesStore } from '../../../src/proxy/telemetry/series-store.ts';

const anything = () => true;

function storeWith(...durations: number[]): SeriesStore {
  const store = new SeriesStore();
  const series = new RequestSeries(store, { service: undefined, workload: undefined });
  for (const durationMs of durations) {
    series.record({ status: 200, flags: '-', durationMs, requestBytes: 0, responseBytes: 10 });
  }
  return store;
}

test('adds what workers report, and a report of nothing changes nothing', () => {
  const registry = new MetricsRegistry();
  const store = storeWith(3, 30);
  registry.add({ series: store.takeDeltas(), counters: { a_total: 2 } });
  registry.add({ series: store.takeDeltas(), counters: {} });
  registry.add({ series: storeWith(7_200_000).takeDeltas(), counters: { a_total: 1, 'b_total{x="1"}': 1 } });
  const text = expositionText(registry.families());
  expect(text).toMatch(/^istio_requests_total\{.*\} 3$/m);
  expect(text).toMatch(/^istio_request_duration_milliseconds_bucket\{.*,le="5"\} 1$/m);
  expect(text).toMatch(/^istio_request_duration_milliseconds_bucket\{.*,le="3600000"\} 2$/m);
  expect(text).toMatch(/^istio_request_duration_milliseconds_bucket\{.*,le="\+Inf"\} 3$/m);
  expect(text).toMatch(/^istio_request_duration_milliseconds_sum\{.*\} 7200033$/m);
  expect(text).toMatch(/^a_total 3$/m);
  expect(text).toMatch(/^b_total\{x="1"\} 1$/m);
});

test('a value on a bound belongs to its bucket', () => {
  const registry = new MetricsRegistry();
  registry.add({ series: storeWith(0.5, 1, 3_600_000).takeDeltas(), counters: {} });
  const text = expositionText(registry.families());
  expect(text).toMatch(/_milliseconds_bucket\{.*,le="0.5"\} 1$/m);
  expect(text).toMatch(/_milliseconds_bucket\{.*,le="1"\} 2$/m);
  expect(text).toMatch(/_milliseconds_bucket\{.*,le="3600000"\} 3$/m);
});

test('forgets the series that rested longest when there are too many, and says so', () => {
  const registry = new MetricsRegistry({ seriesMost: 2 });
  const add = (...names: string[]) => {
    const numbers = storeWith(1).takeDeltas()[0]?.numbers ?? [];
    registry.add({ series: names.map((name) => ({ labels: `n="${name}"`, numbers })), counters: {} });
  };
  add('old', 'busy');
  add('old');
  add('new');
  const text = expositionText(registry.families());
  expect(text).toMatch(/^istio_requests_total\{n="old"\} 2$/m);
  expect(text).toMatch(/^istio_requests_total\{n="new"\} 1$/m);
  expect(text).not.toContain('n="busy"');
  expect(text).toMatch(/^sluice_proxy_series_forgotten_total 1$/m);
});

test('hostile names of workloads stay inside their quotes', () => {
  const store = new SeriesStore();
  const evil = 'a"} 1\nevil_total 1\\';
  const service = { host: evil, name: evil, namespace: '' };
  const series = new RequestSeries(store, { service, workload: undefined, tries: store.tries(evil) });
  series.record({ status: 200, flags: '-', durationMs: 1, requestBytes: 0, responseBytes: 0 });
  const registry = new MetricsRegistry();
  registry.add({ series: store.takeDeltas(), counters: store.takeTries() });
  const text = expositionText(registry.families());
  expect(text).not.toMatch(/^evil_total/m);
  expect(text).toContain('destination_service="a\\"} 1\\nevil_total 1\\\\"');
  expect(text).toContain('destination_service_namespace="unknown"');
});

test('stats name every series once, without buckets', () => {
  const registry = new MetricsRegistry();
  registry.add({ series: storeWith(1).takeDeltas(), counters: { b_total: 1, a_total: 2 } });
  const lines = statsText(registry.families(), (series) => /^[ab]_total/.test(series));
  expect(lines).toBe('a_total: 2\nb_total: 1\n');
  expect(statsText(registry.families(), anything)).not.toContain('_bucket');
  expect(JSON.parse(statsJson(registry.families(), (series) => series === 'a_total'))).toEqual({
    stats: [{ name: 'a_total', value: 2 }],
  });
});
