/** Numbers as people read them: short, and never rounded onto the bound that they missed. */

/**
 * Four significant digits (all digits of whole numbers), or as many more as it takes to differ from `bound`:
 * `85.23`, `1234`, and 98.99999 beside the bound 99 stays `98.99999`.
 */
export function formatMeasurement(value: number, bound?: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  for (let digits = Math.max(4, wholeDigits(value)); digits <= 17; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (rounded !== bound || value === bound) return String(rounded);
  }
  return String(value);
}

function wholeDigits(value: number): number {
  return Math.min(17, Math.trunc(Math.abs(value)).toString().length);
}
