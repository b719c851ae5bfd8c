/**
 * Appends lines to a file in batches, one write at a time. A disk that does not keep up costs lines, which are counted, never
 * requests; memory is bounded.
 */

import { close, closeSync, mkdirSync, openSync, write } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../lib/clock.ts';

const BATCH_CHARACTERS = 32 * 1_024;
/** A line is in the file after this long at most, for those who follow it. */
const FLUSH_MS = 100;
/** Lines beyond are lost. */
const WAITING_CHARACTERS_MOST = 8 * 1_024 * 1_024;
const STDOUT = 1;

export type LogSinkOptions = {
  clock: Clock;
  /** Told how many lines were lost. */
  onLost: (lines: number) => void;
};

export class LogSink {
  readonly #path: string | undefined;
  readonly #options: LogSinkOptions;
  #fd: number;
  #waiting = '';
  #lines = 0;
  #writing = false;
  #timed = false;
  /** Whether what waits is to be written as soon as the write under way is over. */
  #due = false;
  #onIdle: (() => void) | undefined;

  /** @param to a file to append to, or `stdout` @throws when the file cannot be opened */
  constructor(to: string, options: LogSinkOptions) {
    this.#options = options;
    this.#path = to === 'stdout' ? undefined : to;
    this.#fd = this.#open();
  }

  append(line: string): void {
    if (this.#waiting.length > WAITING_CHARACTERS_MOST) {
      this.#options.onLost(1);
      return;
    }
    this.#waiting += line;
    this.#lines++;
    if (this.#waiting.length >= BATCH_CHARACTERS) this.#flush();
    else if (!this.#timed) {
      this.#timed = true;
      this.#options.clock.after(FLUSH_MS, () => {
        this.#timed = false;
        this.#due = true;
        this.#flush();
      });
    }
  }

  /** Goes on in a new file where the old one was taken away. The old one gets what is being written to it. */
  reopen(): void {
    if (this.#path === undefined) return;
    try {
      const before = this.#fd;
      this.#fd = this.#open();
      // Behind the write under way, which still has the number of the old file.
      void this.#idle().then(() => close(before, () => {}));
    } catch {
      // The old file is still there, under whatever name.
    }
  }

  /** Writes what waits, and closes the file. */
  async close(): Promise<void> {
    this.#flush();
    await this.#idle();
    if (this.#path !== undefined) closeSync(this.#fd);
  }

  #open(): number {
    if (this.#path === undefined) return STDOUT;
    mkdirSync(dirname(this.#path), { recursive: true });
    return openSync(this.#path, 'a');
  }

  #flush(): void {
    if (this.#writing || this.#waiting === '') return;
    const batch = Buffer.from(this.#waiting, 'utf8');
    const lines = this.#lines;
    this.#waiting = '';
    this.#lines = 0;
    this.#due = false;
    this.#writing = true;
    this.#write(this.#fd, batch, lines);
  }

  #write(fd: number, bytes: Buffer, lines: number): void {
    write(fd, bytes, (error, written) => {
      // A pipe whose reader is slow: it is tried again, while lines wait up to their bound.
      if (error?.code === 'EAGAIN') {
        this.#options.clock.after(FLUSH_MS, () => this.#write(fd, bytes, lines));
        return;
      }
      if (error !== null) this.#options.onLost(lines);
      else if (written < bytes.length) return this.#write(fd, bytes.subarray(written), lines);
      this.#writing = false;
      if (this.#due || this.#waiting.length >= BATCH_CHARACTERS || this.#onIdle !== undefined) this.#flush();
      if (this.#writing) return;
      this.#onIdle?.();
      this.#onIdle = undefined;
    });
  }

  #idle(): Promise<void> {
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.#onIdle;
      this.#onIdle = () => {
        before?.();
        resolve();
      };
    });
  }
}
