/**
 * Appends lines to a file in batches, one write at a time. A disk that does not keep up costs lines, which are counted, never
 * requests; memory is bounded.
 */

import { close, closeSync, mkdirSync, openSync, write } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { ByteWriter } from '../byte-writer.ts';

/** Writing costs a thread's turn each time, so not too small; what is written should still be in the cache, so not too large. */
const BATCH_BYTES = 128 * 1_024;
/** A batch ends with the lines that fill it, which are of about half a kilobyte each. */
const MEMORY_BYTES = BATCH_BYTES + 64 * 1_024;
/** A line is in the file after this long at most, for those who follow it. */
const FLUSH_MS = 100;
const LINES_AT_ONCE = 64;
/** Lines beyond are lost. */
const WAITING_BYTES_MOST = 8 * 1_024 * 1_024;
const STDOUT = 1;

export type LogSinkOptions = {
  clock: Clock;
  /** Told how many lines were lost. */
  onLost: (lines: number) => void;
};

export type LineFormat<Entry> = { write(out: ByteWriter, entry: Entry): void };

/** Lines of one write, which takes their memory along, and gives it back. */
class Batch extends ByteWriter {
  #spare: Buffer | undefined;

  constructor() {
    super(MEMORY_BYTES);
  }

  /** @returns the lines in memory that stays as it is until it is given back */
  take(): Buffer {
    const taken = this.memory.subarray(0, this.length);
    this.length = 0;
    this.replace(this.#spare ?? Buffer.allocUnsafeSlow(MEMORY_BYTES));
    this.#spare = undefined;
    return taken;
  }

  giveBack(taken: Buffer): void {
    // What grew while a disk was slow is not kept.
    if (taken.buffer.byteLength === MEMORY_BYTES) this.#spare = Buffer.from(taken.buffer);
  }
}

export class LogSink<Entry> {
  readonly #path: string | undefined;
  readonly #format: LineFormat<Entry>;
  readonly #options: LogSinkOptions;
  #fd: number;
  readonly #entries: Entry[] = [];
  /** Lines that wait to be written. */
  readonly #waiting = new Batch();
  #lines = 0;
  #writing = false;
  #timed = false;
  /** Whether what waits is to be written as soon as the write under way is over. */
  #due = false;
  #onIdle: (() => void) | undefined;

  /** @param to a file to append to, or `stdout` @throws when the file cannot be opened */
  constructor(to: string, format: LineFormat<Entry>, options: LogSinkOptions) {
    this.#options = options;
    this.#format = format;
    this.#path = to === 'stdout' ? undefined : to;
    this.#fd = this.#open();
  }

  /** Its line is written later, among others: code that runs many times in a row costs a third of what it costs here and there. */
  append(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length >= LINES_AT_ONCE) this.#writeLines();
    if (this.#waiting.length >= BATCH_BYTES) this.#flush();
    // Also while a write is under way, behind which nothing would ask for the last lines.
    if (!this.#timed) this.#flushLater();
  }

  #writeLines(): void {
    for (const entry of this.#entries) {
      if (this.#waiting.length > WAITING_BYTES_MOST) this.#options.onLost(1);
      else {
        this.#format.write(this.#waiting, entry);
        this.#lines++;
      }
    }
    this.#entries.length = 0;
  }

  #flushLater(): void {
    this.#timed = true;
    this.#options.clock.after(FLUSH_MS, () => {
      this.#timed = false;
      this.#due = true;
      this.#writeLines();
      this.#flush();
    });
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
    this.#writeLines();
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
    if (this.#writing || this.#waiting.length === 0) return;
    const batch = this.#waiting.take();
    const lines = this.#lines;
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
      this.#waiting.giveBack(bytes);
      this.#writing = false;
      if (this.#due || this.#waiting.length >= BATCH_BYTES || this.#onIdle !== undefined) this.#flush();
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
