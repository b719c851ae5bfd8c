/** histogram_quantile over classic buckets: linear within the bucket that holds the rank (Prometheus documentation). */

import { dropLabels, keyOf, type Labels, METRIC_NAME } from '../labels.ts';
import { parseFloatText } from './format-float.ts';
import type { Element } from './value.ts';

type Bucket = { upper: number; count: number };

const BUCKET_LABELS: ReadonlySet<string> = new Set([METRIC_NAME, 'le']);

export function histogramQuantiles(q: number, elements: readonly Element[]): Element[] {
  const histograms = new Map<string, { labels: Labels; buckets: Bucket[] }>();
  for (const { labels, value } of elements) {
    const upper = parseFloatText(labels.get('le') ?? '');
    if (upper === undefined || Number.isNaN(upper)) continue;
    const rest = dropLabels(labels, BUCKET_LABELS);
    const key = keyOf(rest);
    const histogram = histograms.get(key) ?? { labels: rest, buckets: [] };
    histograms.set(key, histogram);
    histogram.buckets.push({ upper, count: value });
  }
  return [...histograms.values()].map(({ labels, buckets }) => ({ labels, value: bucketQuantile(q, buckets) }));
}

function bucketQuantile(q: number, unordered: readonly Bucket[]): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const buckets = monotonic(merged(unordered.toSorted((a, b) => a.upper - b.upper)));
  const last = buckets.at(-1);
  if (last === undefined || last.upper !== Number.POSITIVE_INFINITY || buckets.length < 2) return Number.NaN;
  if (!(last.count > 0)) return Number.NaN;
  const rank = q * last.count;
  const found = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  // The open bucket has no upper end to interpolate to: the last finite bound is the best lower estimate.
  if (found === -1) return buckets.at(-2)?.upper ?? Number.NaN;
  return within(buckets, found, rank);
}

function within(buckets: readonly Bucket[], index: number, rank: number): number {
  const bucket = buckets[index];
  if (bucket === undefined) return Number.NaN;
  const below = buckets[index - 1];
  if (below === undefined && bucket.upper <= 0) return bucket.upper;
  const start = below?.upper ?? 0;
  const before = below?.count ?? 0;
  return start + (bucket.upper - start) * ((rank - before) / (bucket.count - before));
}

/** `1` and `1.0` are the same bound; what they counted belongs together. */
function merged(sorted: readonly Bucket[]): Bucket[] {
  const result: Bucket[] = [];
  for (const bucket of sorted) {
    const last = result.at(-1);
    if (last !== undefined && last.upper === bucket.upper) last.count += bucket.count;
    else result.push({ ...bucket });
  }
  return result;
}

/** Buckets scraped or extrapolated a moment apart may shrink towards the end by a hair; counts never really do. */
function monotonic(buckets: readonly Bucket[]): Bucket[] {
  let most = Number.NEGATIVE_INFINITY;
  return buckets.map(({ upper, count }) => {
    most = Math.max(most, count);
    return { upper, count: most };
  });
}
