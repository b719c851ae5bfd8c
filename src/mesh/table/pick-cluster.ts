/**
 * A weighted split that is exact per block of requests, in random order inside the block (design.md §9). Independent draws
 * would let a 1 % stage see 0 or 3 of 100 requests; strict alternation would send alternating `/a`, `/b` to one version each.
 */

export type BlockPicker = {
  /** Index of the weight whose turn it is. */
  next(): number;
};

/** Requests in a block at most, unless the weights need more to be exact. */
const BLOCK_LENGTH = 100;

/**
 * Makes a picker that, in every block of requests, returns each index exactly as often as its weight says. A block has 100
 * requests, or the largest multiple of the reduced sum of the weights below that, or that sum itself when it is larger.
 *
 * Drawing without replacement out of what is left of the block gives every order the same chance, with memory for the
 * weights only.
 *
 * @param weights whole numbers ≥ 0, of any scale (1:3 is 25:75), not all zero
 * @param random numbers in [0, 1)
 * @throws RangeError when the weights are not like that
 */
export function createBlockPicker(weights: readonly number[], random: () => number): BlockPicker {
  const block = blockOf(weights);
  const length = block.reduce((sum, count) => sum + count, 0);
  const left = [...block];
  let remaining = length;

  return {
    next() {
      if (remaining === 0) {
        for (let index = 0; index < block.length; index++) left[index] = block[index] as number;
        remaining = length;
      }
      let ticket = Math.floor(random() * remaining);
      remaining--;
      for (let index = 0; ; index++) {
        const count = left[index] as number;
        if (ticket < count) {
          left[index] = count - 1;
          return index;
        }
        ticket -= count;
      }
    },
  };
}

/** How often each index is picked in one block. */
export function blockOf(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!weights.every((weight) => Number.isSafeInteger(weight) && weight >= 0) || !Number.isSafeInteger(total)) {
    throw new RangeError(`Weights must be whole numbers of at least 0: got ${weights.join(', ')}`);
  }
  if (total === 0) throw new RangeError('Weights must not all be 0');
  const divisor = weights.reduce(greatestCommonDivisor);
  const reducedTotal = total / divisor;
  const repeats = Math.max(1, Math.floor(BLOCK_LENGTH / reducedTotal));
  return weights.map((weight) => (weight / divisor) * repeats);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
