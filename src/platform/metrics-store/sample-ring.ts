/**
 * The samples of one series: a ring over typed arrays that grows by doubling, up to a capacity, and then overwrites the oldest.
 * Staleness markers are kept as the NaN with Prometheus' bit pattern, which arithmetic never produces.
 */

const STALE_BITS = 0x7ff0_0000_0000_0002n;
const FIRST_CAPACITY = 64;

/** Samples for which memory may still be taken, shared by all series of a store. */
export type SampleBudget = { samplesLeft: number };

export class SampleRing {
  readonly #capacityMax: number;
  readonly #budget: SampleBudget;
  #times = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #bits = new BigUint64Array(this.#values.buffer);
  #start = 0;
  #length = 0;

  constructor(capacityMax: number, budget: SampleBudget) {
    this.#capacityMax = Math.max(FIRST_CAPACITY, capacityMax);
    this.#budget = budget;
    budget.samplesLeft -= FIRST_CAPACITY;
  }

  get length(): number {
    return this.#length;
  }

  /** Samples for which there is memory. */
  get capacity(): number {
    return this.#times.length;
  }

  /** Adds a sample that is newer than all others; an older one is dropped and reported as `false`. */
  append(timeMs: number, value: number | 'stale'): boolean {
    if (this.#length > 0 && timeMs <= this.timeAt(this.#length - 1)) return false;
    if (this.#length === this.capacity) this.#makeRoom();
    const slot = (this.#start + this.#length) % this.capacity;
    this.#times[slot] = timeMs;
    if (value === 'stale') this.#bits[slot] = STALE_BITS;
    else this.#values[slot] = value;
    this.#length++;
    return true;
  }

  /** Milliseconds since 1970 of the sample at `index`, 0 being the oldest. */
  timeAt(index: number): number {
    return this.#times[this.#slot(index)] ?? Number.NaN;
  }

  valueAt(index: number): number {
    return this.#values[this.#slot(index)] ?? Number.NaN;
  }

  isStale(index: number): boolean {
    return this.#bits[this.#slot(index)] === STALE_BITS;
  }

  /** Index of the first sample newer than `timeMs`; the length if there is none. */
  firstAfter(timeMs: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timeAt(middle) <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets what is not newer than `timeMs`. */
  dropUntil(timeMs: number): void {
    const dropped = this.firstAfter(timeMs);
    this.#start = (this.#start + dropped) % this.capacity;
    this.#length -= dropped;
  }

  /** Gives the memory back; the ring must not be used any more. */
  release(): void {
    this.#budget.samplesLeft += this.capacity;
  }

  #slot(index: number): number {
    return (this.#start + index) % this.capacity;
  }

  #makeRoom(): void {
    const capacity = Math.min(this.capacity * 2, this.#capacityMax);
    const growth = capacity - this.capacity;
    // Out of memory or of age: the newest samples matter more than the oldest.
    if (growth <= 0 || this.#budget.samplesLeft < growth) {
      this.#start = (this.#start + 1) % this.capacity;
      this.#length--;
      return;
    }
    this.#budget.samplesLeft -= growth;
    const times = unrolled(this.#times, this.#start, new Float64Array(capacity));
    // Copied as bits: a NaN that passes through a number may lose its pattern.
    const bits = unrolled(this.#bits, this.#start, new BigUint64Array(capacity));
    this.#times = times;
    this.#bits = bits;
    this.#values = new Float64Array(bits.buffer);
    this.#start = 0;
  }
}

function unrolled<A extends Float64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>>(from: A, start: number, to: A): A {
  const head = from.subarray(start);
  const tail = from.subarray(0, start);
  if (to instanceof Float64Array && head instanceof Float64Array && tail instanceof Float64Array) {
    to.set(head);
    to.set(tail, head.length);
  } else if (to instanceof BigUint64Array && head instanceof BigUint64Array && tail instanceof BigUint64Array) {
    to.set(head);
    to.set(tail, head.length);
  }
  return to;
}
