/** What expressions evaluate to. */

import { keyOf, type Labels } from '../labels.ts';
import { executionError } from './promql-error.ts';

export type Element = { labels: Labels; value: number };

/** The samples of one series within a range, oldest first, staleness markers left out. */
export type RangeSeries = { labels: Labels; times: readonly number[]; values: readonly number[] };

/** A range vector with the window that it was taken from, in milliseconds since 1970. */
export type Matrix = { series: readonly RangeSeries[]; startMs: number; endMs: number };

export type Value =
  | { kind: 'scalar'; value: number }
  | { kind: 'vector'; elements: readonly Element[] }
  | { kind: 'matrix'; matrix: Matrix }
  | { kind: 'string'; value: string };

export const scalarOf = (value: number): Value => ({ kind: 'scalar', value });

/** @throws PromqlError when two elements carry the same labels: which one would be right is not known */
export function vectorOf(elements: readonly Element[]): Value {
  const seen = new Set<string>();
  for (const { labels } of elements) {
    const key = keyOf(labels);
    if (seen.has(key)) throw executionError('vector cannot contain metrics with the same labelset');
    seen.add(key);
  }
  return { kind: 'vector', elements };
}
