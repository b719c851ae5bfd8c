import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../../src/platform/metrics-store/promql/eval-context.ts';
import { FUNCTIONS, type ValueType } from '../../../../src/platform/metrics-store/promql/functions.ts';
import type { Value } from '../../../../src/platform/metrics-store/promql/value.ts';
import { instantQuery, rangeQuery } from '../../../../src/platform/metrics-store/query-engine.ts';
import type { DataSeries } from '../../../prometheus/dataset.ts';
import { storeOf } from '../../../prometheus/embedded-answer.ts';

const series = (
  name: string,
  labels: Record<string, string>,
  ...points: [seconds: number, value: number][]
): DataSeries => ({
  labels: { __name__: name, ...labels },
  points: points.map(([seconds, value]) => ({ timeMs: seconds * 1_000, value })),
});
const numbers = (value: Value) => (value.kind === 'vector' ? value.elements.map((element) => element.value) : []);
const ask = (dataset: DataSeries[], query: string, seconds: number) =>
  numbers(instantQuery(storeOf(dataset), query, seconds * 1_000));

describe('windows of Prometheus 3', () => {
  const gauge = [series('g', {}, [0, 1], [60, 2], [120, 4]), series('c', {}, [60, 0], [120, 4])];
  const cases: Record<string, [query: string, seconds: number, values: number[]]> = {
    'leave the left end of a range out': ['count_over_time(g[1m])', 120, [1]],
    'take the right end of a range in': ['sum_over_time(g[2m])', 120, [6]],
    'look back less than five minutes': ['g', 419.999, [4]],
    'do not look back five whole minutes': ['g', 420, []],
    'leave the left end of a subquery out': ['count_over_time(g[2m:1m])', 120, [2]],
    'never extrapolate a counter below zero': ['increase(c[100s])', 120, [4]],
  };

  test.each(Object.entries(cases))('%s', (_name, [query, seconds, values]) => {
    expect(ask(gauge, query, seconds)).toEqual(values);
  });

  test('may be closed, as Prometheus 2 has them', () => {
    const settings = { ...DEFAULT_SETTINGS, windows: 'closed' as const };
    expect(numbers(instantQuery(storeOf(gauge), 'count_over_time(g[1m])', 120_000, settings))).toEqual([2]);
  });
});

describe('an ambiguous query is an error, not a number', () => {
  const dataset = [
    series('a', { x: '1', y: '1' }, [0, 1]),
    series('a', { x: '1', y: '2' }, [0, 2]),
    series('b', { x: '1' }, [0, 3]),
    series('c', { x: '1', y: '1' }, [0, 9]),
  ];
  const cases: Record<string, [query: string, message: RegExp]> = {
    'when the one side has many': ['b * on (x) group_left () a', /duplicate series for the match group on the right/],
    'when many meet one unasked': ['a * on (x) b', /many-to-one matching must be explicit/],
    'when names alone tell series apart': ['abs({__name__=~"a|c"})', /same labelset/],
    'when a replaced label makes series equal': ['label_replace(a, "y", "", "y", ".*")', /same labelset/],
    'when a label name is none': ['label_join(a, "1x", ",", "y")', /invalid destination label name/],
  };

  test.each(Object.entries(cases))('%s', (_name, [query, message]) => {
    expect(() => ask(dataset, query, 0)).toThrow(message);
  });

  test('and so is a query that touches too much', () => {
    const settings = { ...DEFAULT_SETTINGS, samplesMax: 1_000 };
    const query = 'max_over_time(a[10y:1ms])';
    expect(() => instantQuery(storeOf(dataset), query, 0, settings)).toThrow(/too many samples/);
  });
});

test.each([...FUNCTIONS])('the declared function %s is implemented', (name, { args }) => {
  const samples: Record<ValueType, string> = { scalar: '1', vector: 'g', matrix: 'g[1m]', string: '"x"' };
  const query = `${name}(${args.map((type) => samples[type]).join(', ')})`;
  expect(() => instantQuery(storeOf([series('g', {}, [0, 1])]), query, 0)).not.toThrow();
});

describe('a range query', () => {
  const store = storeOf([series('g', {}, [0, 1], [60, 2])]);

  test('answers at every step from start to end', () => {
    const [answer] = rangeQuery(store, 'g', { startMs: 0, endMs: 90_000, stepMs: 30_000 });
    expect(answer).toMatchObject({ times: [0, 30_000, 60_000, 90_000], values: [1, 1, 2, 2] });
  });

  test('refuses more points than a screen has', () => {
    expect(() => rangeQuery(store, 'g', { startMs: 0, endMs: 11_001_000, stepMs: 1_000 })).toThrow(/11000 points/);
  });

  test('refuses a range vector', () => {
    expect(() => rangeQuery(store, 'g[1m]', { startMs: 0, endMs: 0, stepMs: 1 })).toThrow(
      /must be Scalar or instant Vector/,
    );
  });
});

describe('laws', () => {
  const counter = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 1_000 }), fc.boolean()), {
      minLength: 2,
      maxLength: 40,
    })
    .map((steps) => {
      let [seconds, value] = [0, 0];
      const points = steps.map(([gap, growth, restarts]): [number, number] => {
        seconds += gap;
        value = (restarts ? 0 : value) + growth;
        return [seconds, value];
      });
      return { dataset: [series('c', {}, ...points)], end: seconds };
    });

  test.each(['rate', 'increase', 'irate', 'resets'])('%s of a counter is never negative', (name) => {
    fc.assert(
      fc.property(counter, fc.integer({ min: 1, max: 600 }), ({ dataset, end }, range) => {
        const found = ask(dataset, `${name}(c[${range}s])`, end);
        return found.every((value) => value >= 0 && Number.isFinite(value));
      }),
    );
  });

  test('a quantile lies between the least and the greatest', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const dataset = values.map((value, index) => series('v', { index: String(index) }, [0, value]));
          const [found = Number.NaN] = ask(dataset, `quantile(${q}, v)`, 0);
          return found >= Math.min(...values) - 1e-9 && found <= Math.max(...values) + 1e-9;
        },
      ),
    );
  });
});
