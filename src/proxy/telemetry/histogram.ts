/** Istio's histograms (istio.md 9.2) as a run of numbers: the sum, then the buckets, each on its own and not cumulative. */

/** Upper bounds, for milliseconds and bytes alike; +Inf follows. */
export const BUCKET_BOUNDS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

/** How many numbers one histogram takes. */
export const HISTOGRAM_WIDTH: number = BUCKET_BOUNDS.length + 2;

/** Adds `value` to the histogram that begins at `at`. */
export function observe(numbers: Float64Array, at: number, value: number): void {
  numbers[at] = (numbers[at] as number) + value;
  let bucket = 0;
  while (bucket < BUCKET_BOUNDS.length && value > (BUCKET_BOUNDS[bucket] as number)) bucket++;
  const position = at + 1 + bucket;
  numbers[position] = (numbers[position] as number) + 1;
}
