/** The φ-quantile of numbers, interpolated between the two nearest; NaN sorts first, as in Prometheus. */
export function quantileOf(q: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const sorted = values.toSorted(ascendingNanFirst);
  const rank = q * (sorted.length - 1);
  const lower = Math.floor(rank);
  const weight = rank - lower;
  const low = sorted[lower] ?? Number.NaN;
  const high = sorted[Math.min(sorted.length - 1, lower + 1)] ?? Number.NaN;
  return low * (1 - weight) + high * weight;
}

export function ascendingNanFirst(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  if (Number.isNaN(b)) return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
