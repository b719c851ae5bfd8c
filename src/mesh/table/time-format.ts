/** Times as `%START_TIME(%Y-%m-%d)%` writes them: the conversions of strftime that concern UTC; without a format ISO 8601. */

const CONVERSIONS: Readonly<Record<string, (time: Date) => string>> = {
  Y: (time) => String(time.getUTCFullYear()),
  m: (time) => two(time.getUTCMonth() + 1),
  d: (time) => two(time.getUTCDate()),
  H: (time) => two(time.getUTCHours()),
  M: (time) => two(time.getUTCMinutes()),
  S: (time) => two(time.getUTCSeconds()),
  F: (time) => time.toISOString().slice(0, 10),
  T: (time) => time.toISOString().slice(11, 19),
  s: (time) => String(Math.floor(time.getTime() / 1_000)),
  f: (time) => `${three(time)}000000`,
  '1f': (time) => three(time).slice(0, 1),
  '3f': three,
  '6f': (time) => `${three(time)}000`,
  '9f': (time) => `${three(time)}000000`,
  z: () => '+0000',
  Z: () => 'UTC',
};

/** The pieces of a format, conversions with their percent sign; `undefined` when one is not known. */
export function readTimeFormat(format: string): string[] | undefined {
  const pieces = format.split(/(%\d?[a-zA-Z%]?)/).filter((piece) => piece !== '');
  const isKnown = (piece: string) => !piece.startsWith('%') || Object.hasOwn(CONVERSIONS, piece.slice(1));
  return pieces.every(isKnown) ? pieces : undefined;
}

/** @param at milliseconds since 1970 */
export function timeText(at: number, format: string): string {
  const time = new Date(at);
  if (format === '') return time.toISOString();
  const pieces = readTimeFormat(format) ?? [];
  return pieces.map((piece) => (piece.startsWith('%') ? CONVERSIONS[piece.slice(1)]?.(time) : piece) ?? '').join('');
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

function three(time: Date): string {
  return String(time.getUTCMilliseconds()).padStart(3, '0');
}
