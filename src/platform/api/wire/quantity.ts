/**
 * Quantities in canonical form: no fraction, the largest suffix that allows that, the family of suffixes of the writer.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */

const QUANTITY = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?|[eE][+-]?\d+)$/;
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const NANO = 1_000_000_000n;

/** @returns the value as it was when it is no quantity */
export function canonicalQuantity(value: unknown): unknown {
  const parts = QUANTITY.exec(String(value));
  if (parts === null) return value;
  const [, sign = '', digits = '', suffix = ''] = parts;
  const minus = sign === '-' ? '-' : '';
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) {
    const nanos = nanosOf(digits) * 1024n ** BigInt(binary);
    if (nanos % NANO === 0n) return `${minus}${scaled(nanos / NANO, 1024n, BINARY)}`;
    return `${minus}${scaled(nanos, 1000n, DECIMAL)}`;
  }
  // Written with an exponent, it stays so.
  if (/^[eE]/.test(suffix) && suffix.length > 1) return value;
  const exponent = (DECIMAL.indexOf(suffix) - 3) * 3;
  return `${minus}${scaled(timesTenTo(nanosOf(digits), exponent), 1000n, DECIMAL)}`;
}

/** Whether a text is a quantity at all. */
export function isQuantity(value: unknown): boolean {
  return QUANTITY.test(String(value));
}

/** Billionths, rounded up as Kubernetes does. */
function nanosOf(digits: string): bigint {
  const [whole = '', fraction = ''] = digits.split('.');
  const kept = BigInt(`${whole || '0'}${fraction.padEnd(9, '0').slice(0, 9)}`);
  return /[1-9]/.test(fraction.slice(9)) ? kept + 1n : kept;
}

function timesTenTo(value: bigint, exponent: number): bigint {
  const bounded = Math.max(-30, Math.min(30, exponent));
  if (bounded >= 0) return value * 10n ** BigInt(bounded);
  const divisor = 10n ** BigInt(-bounded);
  return (value + divisor - 1n) / divisor;
}

function scaled(value: bigint, step: bigint, suffixes: readonly string[]): string {
  if (value === 0n) return '0';
  let rest = value;
  let index = 0;
  while (index < suffixes.length - 1 && rest % step === 0n) {
    rest /= step;
    index += 1;
  }
  return `${rest}${suffixes[index]}`;
}

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`; 0 for what is no quantity. */
export function compareQuantities(a: unknown, b: unknown): number {
  const [left, right] = [nanosOfQuantity(a), nanosOfQuantity(b)];
  if (left === undefined || right === undefined || left === right) return 0;
  return left < right ? -1 : 1;
}

function nanosOfQuantity(value: unknown): bigint | undefined {
  const parts = QUANTITY.exec(String(value));
  if (parts === null) return undefined;
  const [, sign = '', digits = '', suffix = ''] = parts;
  const binary = BINARY.indexOf(suffix);
  const exponent = /^[eE][+-]?\d+$/.test(suffix) ? Number(suffix.slice(1)) : (DECIMAL.indexOf(suffix) - 3) * 3;
  const size = binary > 0 ? nanosOf(digits) * 1024n ** BigInt(binary) : timesTenTo(nanosOf(digits), exponent);
  return sign === '-' ? -size : size;
}
