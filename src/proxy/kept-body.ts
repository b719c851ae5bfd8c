/**
 * What was sent of a request's body, kept for another try or for copies. One body may take so much memory, and all of a worker so
 * much; beyond that the request goes on without.
 */

import type { DataPath } from './data-path.ts';

/** What a piece costs beside its bytes: a body in pieces of one byte takes mostly this. */
const PIECE_COST = 128;

type Surroundings = Pick<DataPath, 'outbox' | 'counters'> & {
  limits: Pick<DataPath['limits'], 'keptBodyBytes' | 'keptBytes'>;
  state: Pick<DataPath['state'], 'keptBytes'>;
};

export class KeptBody {
  readonly #path: Surroundings;
  readonly #dropped: string;
  #parts: Buffer[] | undefined = [];
  #length = 0;
  /** In bytes of memory. */
  #cost = 0;
  #holders = 1;

  /** @param dropped the counter of bodies that were too much */
  constructor(path: Surroundings, dropped: string) {
    this.#path = path;
    this.#dropped = dropped;
  }

  /** Whether all that was sent is here. */
  get isWhole(): boolean {
    return this.#parts !== undefined;
  }

  /** In bytes, as they were sent. */
  get length(): number {
    return this.#length;
  }

  /** Keeps what lies in the outbox from `from` on. */
  keep(from: number): void {
    const { outbox, limits, state } = this.#path;
    const added = outbox.length - from;
    if (this.#parts === undefined || added === 0) return;
    const cost = added + PIECE_COST;
    if (this.#length + added > limits.keptBodyBytes) this.#drop('too_large');
    else if (state.keptBytes + cost > limits.keptBytes) this.#drop('memory');
    else {
      this.#length += added;
      this.#cost += cost;
      state.keptBytes += cost;
      this.#parts.push(outbox.copyFrom(from));
    }
  }

  /** Puts it into the outbox. */
  write(): void {
    for (const part of this.#parts ?? []) this.#path.outbox.bytes(part, 0, part.length);
  }

  /** One more needs it until it says `release`. */
  hold(): void {
    this.#holders++;
  }

  /** The last one gives the memory back. */
  release(): void {
    if (--this.#holders === 0) this.#forget();
  }

  #drop(reason: 'too_large' | 'memory'): void {
    this.#forget();
    this.#path.counters.add(`${this.#dropped}{reason="${reason}"}`);
  }

  #forget(): void {
    this.#path.state.keptBytes -= this.#cost;
    this.#cost = 0;
    this.#parts = undefined;
  }
}
