/**
 * Writes DER, the binary form of certificates (ITU-T X.690 §8 and §10): every value is a tag, a length and its content. Only
 * what an X.509 certificate needs is here.
 */

/** A value with its tag and its length before it. */
export function derValue(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), derLength(content.length), content]);
}

export const derSequence = (...items: readonly Uint8Array[]): Buffer => derValue(0x30, ...items);
export const derSet = (...items: readonly Uint8Array[]): Buffer => derValue(0x31, ...items);
export const derOctets = (content: Uint8Array): Buffer => derValue(0x04, content);
export const derText = (text: string): Buffer => derValue(0x0c, Buffer.from(text, 'utf8'));
export const derTrue = (): Buffer => derValue(0x01, Buffer.from([0xff]));
/** A bit string whose last octet has `unusedBits` bits that do not count. */
export const derBits = (content: Uint8Array, unusedBits = 0): Buffer =>
  derValue(0x03, Buffer.from([unusedBits]), content);
/** `[number]` around whole values. */
export const derExplicit = (number: number, ...items: readonly Uint8Array[]): Buffer =>
  derValue(0xa0 | number, ...items);

/** A non-negative integer given by its big-endian bytes; the leading zero keeps it from being read as negative. */
export function derInteger(bytes: Uint8Array): Buffer {
  const firstUsed = bytes.findIndex((byte) => byte !== 0);
  const significant = firstUsed < 0 ? Buffer.from([0]) : Buffer.from(bytes.subarray(firstUsed));
  const needsZero = ((significant[0] ?? 0) & 0x80) !== 0;
  return derValue(0x02, needsZero ? Buffer.concat([Buffer.from([0]), significant]) : significant);
}

/** An object identifier in dotted form, such as `2.5.4.3`. */
export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return derValue(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** An instant: UTCTime until 2049, GeneralizedTime after it (RFC 5280 §4.1.2.5). */
export function derTime(atMs: number): Buffer {
  const digits = new Date(atMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  return digits < '2050' ? derValue(0x17, Buffer.from(digits.slice(2))) : derValue(0x18, Buffer.from(digits));
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 0x80);
  return bytes;
}
