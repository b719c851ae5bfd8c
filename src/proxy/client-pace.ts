/** How a client keeps pace: since when its present state lasts, what came meanwhile, and whether it takes what it is sent. */

import { SWEEP_MS } from './data-path.ts';

export class ClientPace {
  /** Since when the present state lasts, and how many bytes had been read then. */
  #sinceMs = 0;
  #sinceBytes = 0;
  #bytesRead = 0;
  #readAtMs = 0;
  /** Since when a write waits for the client. */
  #stalledSinceMs: number | undefined;

  /** @param sweptMs when deadlines were last looked at (monotonic) */
  constructor(sweptMs: number) {
    this.begin(sweptMs);
  }

  /** Bytes that were read in the present state. */
  get bytes(): number {
    return this.#bytesRead - this.#sinceBytes;
  }

  /** A state begins: up to one sweep too late, so that nobody gets less time than is promised. */
  begin(sweptMs: number): void {
    this.#sinceMs = sweptMs + SWEEP_MS;
    this.#readAtMs = this.#sinceMs;
    this.#sinceBytes = this.#bytesRead;
  }

  read(length: number, sweptMs: number): void {
    this.#bytesRead += length;
    this.#readAtMs = sweptMs + SWEEP_MS;
  }

  /** @param nowMs since when a write waits; absent: none does */
  stalls(nowMs?: number): void {
    this.#stalledSinceMs = nowMs;
  }

  /** What `judgeSilence` wants to know of it. */
  at(nowMs: number): { lastedMs: number; silentMs: number; stalledMs: number; bytesRead: number } {
    return {
      lastedMs: nowMs - this.#sinceMs,
      silentMs: nowMs - this.#readAtMs,
      stalledMs: this.#stalledSinceMs === undefined ? 0 : nowMs - this.#stalledSinceMs,
      bytesRead: this.bytes,
    };
  }
}
