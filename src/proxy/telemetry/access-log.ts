/** The access log of a worker: one line for each request, written at its end. */

import type { AccessEntry } from './access-entry.ts';
import { type AccessFormat, accessFormatOf } from './access-format.ts';
import { LogSink, type LogSinkOptions } from './log-sink.ts';

export type AccessLogSettings = {
  /** A file to append to, `stdout`, or `off`. */
  to: string;
  /** `json`, `text`, or text with commands. */
  format: string;
};

export class AccessLog {
  readonly format: AccessFormat;
  readonly #sink: LogSink<AccessEntry>;

  private constructor(format: AccessFormat, sink: LogSink<AccessEntry>) {
    this.format = format;
    this.#sink = sink;
  }

  /** @returns `undefined` when there is to be none @throws when the file cannot be opened, or the format is none (SL0403) */
  static open({ to, format }: AccessLogSettings, options: LogSinkOptions): AccessLog | undefined {
    if (to === 'off') return undefined;
    const parsed = accessFormatOf(format);
    return new AccessLog(parsed, new LogSink(to, parsed, options));
  }

  write(entry: AccessEntry): void {
    this.#sink.append(entry);
  }

  /** Goes on in a new file, where the old one was taken away. */
  reopen(): void {
    this.#sink.reopen();
  }

  close(): Promise<void> {
    return this.#sink.close();
  }
}
