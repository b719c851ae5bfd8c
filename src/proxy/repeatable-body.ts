/** What was sent of a request's body, kept as long as another try may need it and it is not too large. */

import type { RetryPolicy } from '../mesh/table/route-table.ts';
import type { DataPath } from './data-path.ts';
import type { Outbox } from './outbox.ts';
import { retriesAfterSending } from './retry.ts';

export class RepeatableBody {
  readonly #path: DataPath;
  #parts: Buffer[] | undefined;
  #bytes = 0;

  constructor(path: DataPath, retry: RetryPolicy | undefined) {
    this.#path = path;
    this.#parts = retriesAfterSending(retry) ? [] : undefined;
  }

  /** Whether all that was sent could be sent again. */
  get isKept(): boolean {
    return this.#parts !== undefined;
  }

  /** Keeps what lies in the outbox from `from` on; a body that is too large loses its tries. */
  keep(from: number): void {
    const { outbox, limits, counters } = this.#path;
    if (this.#parts === undefined || outbox.length === from) return;
    this.#bytes += outbox.length - from;
    if (this.#bytes <= limits.mirrorBytes) {
      this.#parts.push(outbox.copyFrom(from));
      return;
    }
    this.#parts = undefined;
    counters.add('sluice_proxy_retries_dropped_total{reason="too_large"}');
  }

  writeTo(out: Outbox): void {
    for (const part of this.#parts ?? []) out.bytes(part, 0, part.length);
  }
}
