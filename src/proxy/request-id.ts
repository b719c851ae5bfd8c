/** Request ids for requests that bring none: random UUIDs (RFC 9562 §5.4). */

/** @param random numbers in [0, 1) */
export function createRequestId(random: () => number): string {
  const a = hex8(random);
  const b = hex8(random);
  const c = hex8(random);
  const variant = '89ab'[Math.floor(random() * 4)];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(0, 3)}-${c.slice(3, 7)}${hex8(random)}`;
}

function hex8(random: () => number): string {
  return Math.floor(random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');
}
