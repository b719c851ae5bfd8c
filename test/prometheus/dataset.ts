/**
 * Series with everything that goes wrong in practice: counter resets, gaps, a workload that starts late, one that ends early,
 * scrapes that jitter, NaN and infinities. Deterministic, so that recorded answers stay true.
 */

export type DataPoint = { timeMs: number; value: number };
export type DataSeries = { labels: Record<string, string>; points: DataPoint[] };

export const START_MS = 1_700_000_000_000;
const STEP_MS = 15_000;
const STEPS = 140;
const BUCKETS = ['1', '5', '10', '25', '50', '100', '250', '500', '1000', '+Inf'];

/** A linear congruential generator; the constants are those of Numerical Recipes. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Shape = { from?: number; to?: number; resets?: number[]; gaps?: number[]; jitterMs?: number };

function instants(random: () => number, { from = 0, to = STEPS, gaps = [], jitterMs = 0 }: Shape): number[] {
  const steps = Array.from({ length: to - from }, (_, index) => from + index).filter((step) => !gaps.includes(step));
  return steps.map((step) => START_MS + step * STEP_MS + Math.floor(random() * jitterMs));
}

function counter(labels: Record<string, string>, perStep: number, shape: Shape, random: () => number): DataSeries {
  let value = 0;
  const resets = new Set((shape.resets ?? []).map((step) => step));
  const points = instants(random, shape).map((timeMs) => {
    const step = Math.floor((timeMs - START_MS) / STEP_MS);
    if (resets.has(step)) value = 0;
    value += Math.floor(random() * perStep * 2);
    return { timeMs, value };
  });
  return { labels, points };
}

function gauge(
  labels: Record<string, string>,
  of: (index: number) => number,
  shape: Shape,
  random: () => number,
): DataSeries {
  return { labels, points: instants(random, shape).map((timeMs, index) => ({ timeMs, value: of(index) })) };
}

function requests(workload: string, code: string, extra: Record<string, string> = {}): Record<string, string> {
  return {
    __name__: 'istio_requests_total',
    reporter: 'destination',
    destination_workload: workload,
    destination_workload_namespace: 'test',
    response_code: code,
    ...extra,
  };
}

function histogram(workload: string, perStep: number, shape: Shape, random: () => number): DataSeries[] {
  const times = instants(random, shape);
  const counts = BUCKETS.map(() => 0);
  const series = BUCKETS.map(
    (le): DataSeries => ({
      labels: {
        __name__: 'istio_request_duration_milliseconds_bucket',
        reporter: 'destination',
        destination_workload: workload,
        destination_workload_namespace: 'test',
        le,
      },
      points: [],
    }),
  );
  for (const timeMs of times) {
    for (let request = 0; request < perStep; request++) {
      const slot = Math.min(BUCKETS.length - 1, Math.floor(random() * random() * BUCKETS.length));
      for (let bucket = slot; bucket < BUCKETS.length; bucket++) counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    series.forEach((one, bucket) => {
      one.points.push({ timeMs, value: counts[bucket] ?? 0 });
    });
  }
  return series;
}

export function createDataset(): DataSeries[] {
  const random = createRandom(42);
  return [
    counter(requests('podinfo', '200'), 40, { jitterMs: 400 }, random),
    counter(requests('podinfo', '500'), 3, { from: 30, resets: [70] }, random),
    counter(requests('podinfo', '404', { instance: 'a' }), 5, { resets: [40, 41, 90] }, random),
    counter(requests('podinfo-primary', '200'), 80, { gaps: [50, 51, 52, 53, 54, 55] }, random),
    counter(requests('podinfo-primary', '503'), 1, { to: 80 }, random),
    counter(requests('only-errors', '500'), 20, { from: 100 }, random),
    ...histogram('podinfo', 20, { jitterMs: 300 }, random),
    ...histogram('podinfo-primary', 30, { from: 20, gaps: [60, 61] }, random),
    gauge({ __name__: 'temperature', room: 'north', floor: '1' }, (i) => Math.sin(i / 7) * 10 + 20, {}, random),
    gauge(
      { __name__: 'temperature', room: 'south', floor: '1' },
      (i) => Math.cos(i / 5) * 8 - 3,
      { gaps: [33, 34] },
      random,
    ),
    gauge({ __name__: 'temperature', room: 'east', floor: '2' }, (i) => (i % 9) * 1.5, { from: 60 }, random),
    gauge({ __name__: 'limit', floor: '1' }, () => 15, {}, random),
    gauge({ __name__: 'limit', floor: '2' }, () => 4.5, {}, random),
    gauge({ __name__: 'odd', kind: 'nan' }, (i) => (i % 3 === 0 ? Number.NaN : i), {}, random),
    gauge({ __name__: 'odd', kind: 'inf' }, (i) => (i % 4 === 0 ? Number.POSITIVE_INFINITY : -i), {}, random),
    gauge({ __name__: 'odd', kind: 'large' }, (i) => 1e16 + i, {}, random),
    gauge({ __name__: 'up', job: 'a', instance: 'one:80' }, (i) => (i % 10 === 0 ? 0 : 1), {}, random),
    gauge({ __name__: 'up', job: 'b', instance: 'two:80' }, () => 1, { to: 100 }, random),
  ];
}

/** The instants at which every query is asked: at a sample, between samples, in a gap, near the start and after the end. */
export const INSTANTS_MS: readonly number[] = [90_000, 700_000, 812_345, 1_599_999, 2_250_000].map(
  (ms) => START_MS + ms,
);
