/**
 * Request ids for requests that bring none, in the form of random UUIDs (RFC 9562 §5.4). Drawing and writing 122 bits for each
 * would cost more than parsing the head, so the first half is drawn anew only now and then, and the rest for every request.
 */

const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));
/** How many ids share their first half. */
const SHARED_BY = 4_096;

/** @param random numbers in [0, 1) @returns a source of ids, one per call */
export function createRequestIds(random: () => number): () => string {
  let prefix = '';
  let left = 0;
  return () => {
    if (left-- === 0) {
      left = SHARED_BY - 1;
      const bits = () => hexPairs(Math.floor(random() * 0x1_0000_0000));
      prefix = `${bits()}-${bits().slice(0, 4)}-4${bits().slice(0, 3)}-${'89ab'[Math.floor(random() * 4)]}${bits().slice(0, 3)}-`;
    }
    // The counter makes ids of one prefix differ, whatever is drawn.
    return prefix + HEX_PAIRS[left >> 8] + HEX_PAIRS[left & 255] + hexPairs(Math.floor(random() * 0x1_0000_0000));
  };
}

function hexPairs(bits: number): string {
  const pairs = HEX_PAIRS;
  return (
    (pairs[bits >>> 24] as string) +
    pairs[(bits >>> 16) & 255] +
    pairs[(bits >>> 8) & 255] +
    (pairs[bits & 255] as string)
  );
}
