/** Bytes of a connection that could not be used yet: the beginning of a head, or requests that were sent ahead. */

const SMALLEST_BYTES = 1_024;
const LINE_FEED = 0x0a;
const NOTHING = Buffer.alloc(0);

export class Carry {
  #memory: Buffer | undefined;
  #start = 0;
  #end = 0;
  /** How much was kept when it was last looked at. */
  #seen = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** The kept bytes with the newly read ones behind them; nothing is copied when nothing was kept. */
  join(bytes: Buffer, length: number): { carry: Buffer; start: number; end: number } {
    if (this.length === 0) return { carry: bytes, start: 0, end: length };
    this.#append(bytes, 0, length);
    return this.take();
  }

  /** The kept bytes, which are no longer kept: `keep` what is not used. */
  take(): { carry: Buffer; start: number; end: number } {
    const taken = { carry: this.#memory ?? NOTHING, start: this.#start, end: this.#end };
    this.#start = this.#end = 0;
    return taken;
  }

  /** Keeps what lies between `start` and `end`, which may be memory that `take` or `join` returned. */
  keep(bytes: Buffer, start: number, end: number): void {
    if (bytes === this.#memory) {
      this.#start = start;
      this.#end = end;
    } else this.#append(bytes, start, end);
    this.#seen = this.length;
  }

  /**
   * Whether a head that goes on with `bytes` need not be looked at again, which would be quadratic for bytewise senders: no line
   * ends in them, and neither `most` nor twice of what was looked at is reached.
   */
  hasNoNewLine(bytes: Buffer, length: number, most: number): boolean {
    if (this.length === 0) return false;
    const total = this.length + length;
    if (total >= 2 * this.#seen || total > most) return false;
    const lineAt = bytes.indexOf(LINE_FEED);
    return lineAt === -1 || lineAt >= length;
  }

  append(bytes: Buffer, length: number): void {
    this.#append(bytes, 0, length);
  }

  clear(): void {
    this.#memory = undefined;
    this.#start = this.#end = 0;
  }

  #append(bytes: Buffer, start: number, end: number): void {
    const more = end - start;
    if (more === 0) return;
    const capacity = this.#memory?.length ?? 0;
    if (this.#end + more > capacity) this.#makeRoom(more);
    const memory = this.#memory as Buffer;
    bytes.copy(memory, this.#end, start, end);
    this.#end += more;
  }

  #makeRoom(more: number): void {
    const { length } = this;
    const needed = length + more;
    const old = this.#memory;
    const memory = old !== undefined && needed <= old.length ? old : Buffer.allocUnsafeSlow(capacityFor(needed));
    old?.copy(memory, 0, this.#start, this.#end);
    this.#memory = memory;
    this.#start = 0;
    this.#end = length;
  }
}

// Doubling, so that a head that arrives byte by byte is copied a few times only.
function capacityFor(needed: number): number {
  let capacity = SMALLEST_BYTES;
  while (capacity < needed) capacity *= 2;
  return capacity;
}
