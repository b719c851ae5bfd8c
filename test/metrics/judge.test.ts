import { describe, expect, test } from 'vitest';
import { explainCheck } from '../../src/metrics/explain-check.ts';
import { formatMeasurement } from '../../src/metrics/format-measurement.ts';
import { judge } from '../../src/metrics/judge.ts';
import type { Bounds, Sample, Verdict } from '../../src/metrics/verdict.ts';

const value = (number: number): Sample => ({ kind: 'value', value: number });
const noData: Sample = { kind: 'noData', reason: 'nothing was requested' };
const unreachable: Sample = { kind: 'unreachable', reason: 'refused' };

describe('a measurement', () => {
  const cases: Record<string, { sample: Sample; bounds: Bounds; verdict: Verdict['kind'] }> = {
    'passes at the minimum': { sample: value(99), bounds: { min: 99 }, verdict: 'pass' },
    'fails just below the minimum': { sample: value(98.999999), bounds: { min: 99 }, verdict: 'fail' },
    'passes at the maximum': { sample: value(500), bounds: { max: 500 }, verdict: 'pass' },
    'fails just above the maximum': { sample: value(500.000001), bounds: { max: 500 }, verdict: 'fail' },
    'honours a maximum of 0': { sample: value(0.1), bounds: { max: 0 }, verdict: 'fail' },
    'honours a minimum of 0': { sample: value(-0.1), bounds: { min: 0 }, verdict: 'fail' },
    'passes without bounds': { sample: value(-1e300), bounds: {}, verdict: 'pass' },
    'is inconclusive when it is not a number': { sample: value(Number.NaN), bounds: {}, verdict: 'inconclusive' },
    'is inconclusive when it is infinite': { sample: value(Infinity), bounds: { min: 1 }, verdict: 'inconclusive' },
    'is inconclusive without data': { sample: noData, bounds: { min: 99 }, verdict: 'inconclusive' },
    'is inconclusive without an answer': { sample: unreachable, bounds: {}, verdict: 'inconclusive' },
  };

  test.each(Object.entries(cases))('%s', (_name, { sample, bounds, verdict }) => {
    expect(judge(sample, bounds, 'm').kind).toBe(verdict);
  });

  test('that failed says on which side of which bound', () => {
    expect(judge(value(85.23456), { min: 99 }, 'm')).toEqual({
      kind: 'fail',
      value: 85.23456,
      reason: '85.23 is below 99',
    });
  });

  test('that is not known keeps its cause and reason', () => {
    const verdict = { kind: 'inconclusive', cause: 'noData', reason: 'nothing was requested' };
    expect(judge(noData, {}, 'm')).toEqual(verdict);
  });
});

describe('a number is written', () => {
  const cases: Record<string, [value: number, bound: number | undefined, text: string]> = {
    short: [85.23456, undefined, '85.23'],
    'whole when it is whole': [1234567, undefined, '1234567'],
    'with all its whole digits': [123456.789, undefined, '123457'],
    'never as the bound that it missed': [98.99999, 99, '98.99999'],
    'as the bound that it equals': [0.1, 0.1, '0.1'],
    small: [0.000123456, undefined, '0.0001235'],
  };

  test.each(Object.entries(cases))('%s', (_name, [number, bound, text]) => {
    expect(formatMeasurement(number, bound)).toBe(text);
  });
});

describe('a check is explained', () => {
  const cases: Record<string, [metric: string, sample: Sample, bounds: Bounds, sentence: string]> = {
    'with the unit of a rate': [
      'request-success-rate',
      value(85.2),
      { min: 99 },
      'request-success-rate 85.2 % is below 99 %',
    ],
    'with the unit of a duration': [
      'request-duration',
      value(812.5),
      { max: 500 },
      'request-duration 812.5 ms is above 500 ms',
    ],
    'without a unit': ['constructor', value(3), { max: 5 }, 'constructor 3, within bounds'],
    'when it is not known': ['errors', noData, {}, 'errors is not known: nothing was requested'],
  };

  test.each(Object.entries(cases))('%s', (_name, [metric, sample, bounds, sentence]) => {
    expect(explainCheck({ metric, bounds, verdict: judge(sample, bounds, metric) })).toBe(sentence);
  });
});
