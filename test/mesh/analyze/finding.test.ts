import { describe, expect, test } from 'vitest';
import {
  type Finding,
  formatFinding,
  isSuppressed,
  parseSuppression,
  reaches,
  sortFindings,
  suppressesItself,
} from '../../../src/mesh/analyze/finding.ts';

const finding = (more: Partial<Finding> = {}): Finding => ({
  code: 'IST0101',
  level: 'Error',
  origin: 'VirtualService shop/web',
  reference: 'web.yaml:12',
  message: 'Referenced host not found: "gone"',
  ...more,
});

describe('a finding', () => {
  test.each<[sentence: string, given: Partial<Finding>, line: string]>([
    [
      'has level, code, object and place',
      {},
      'Error [IST0101] (VirtualService shop/web web.yaml:12) Referenced host not found: "gone"',
    ],
    [
      'of an API server has no place',
      { reference: '' },
      'Error [IST0101] (VirtualService shop/web) Referenced host not found: "gone"',
    ],
    [
      'of an unreadable file has only a place',
      { origin: '', code: 'SL0001' },
      'Error [SL0001] (web.yaml:12) Referenced host not found: "gone"',
    ],
  ])('%s', (_sentence, given, line) => {
    expect(formatFinding(finding(given))).toBe(line);
  });

  test.each<[given: string, expected: boolean]>([
    ['IST0101=VirtualService shop/web', true],
    ['IST0101=VirtualService web.shop', true],
    ['IST0101=VirtualService shop/*', true],
    ['IST0101=*', true],
    ['*=VirtualService *', true],
    ['IST0101=* web.*', true],
    ['IST0101=VirtualService shop/we', false],
    ['IST0101=VirtualService shop/web*web', false],
    ['IST0102=*', false],
  ])('is left out by %s: %s', (given, expected) => {
    const suppression = parseSuppression(given);
    expect(suppression && isSuppressed(finding(), [suppression])).toBe(expected);
  });

  test('is left out when its object says so', () => {
    const object = (codes: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', annotations: { 'galley.istio.io/analyze-suppress': codes } },
    });
    expect(suppressesItself(object('IST0118, IST0150'), 'IST0150')).toBe(true);
    expect(suppressesItself(object('*'), 'SL0302')).toBe(true);
    expect(suppressesItself(object('IST0118'), 'IST0150')).toBe(false);
  });
});

test('findings stand in the order of level, code, object and line', () => {
  const given = [
    finding({ level: 'Info', code: 'IST0001' }),
    finding({ reference: 'web.yaml:100' }),
    finding({ reference: 'web.yaml:20' }),
    finding({ code: 'IST0002' }),
    finding({ origin: 'DestinationRule shop/web' }),
  ];
  expect(sortFindings(given)).toEqual([3, 4, 2, 1, 0].map((index) => given[index]));
});

test('a level reaches a threshold that is not worse', () => {
  expect(reaches('Error', 'Warning')).toBe(true);
  expect(reaches('Warning', 'Warning')).toBe(true);
  expect(reaches('Info', 'Warning')).toBe(false);
});

test('a suppression without resource is none', () => {
  expect(parseSuppression('IST0101')).toBeUndefined();
});
