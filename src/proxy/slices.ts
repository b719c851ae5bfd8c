/** Long work in short slices, so that requests are served in between. */

const SLICE_MS = 2;

export class Slices {
  readonly #nowMs: () => number;
  readonly #breathe: () => Promise<void>;
  #startedMs: number;

  /** @param nowMs monotonic @param breathe gives other work a turn */
  constructor(nowMs: () => number, breathe: () => Promise<void>) {
    this.#nowMs = nowMs;
    this.#breathe = breathe;
    this.#startedMs = nowMs();
  }

  /** Whether it is time for `next`. */
  get isOver(): boolean {
    return this.#nowMs() - this.#startedMs >= SLICE_MS;
  }

  async next(): Promise<void> {
    await this.#breathe();
    this.#startedMs = this.#nowMs();
  }
}
