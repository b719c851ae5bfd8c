/**
 * Sends spans to a collector in batches, one at a time, beside the requests that they tell of. What a collector does not take in time
 * is dropped and counted: traffic never waits for it, and memory is bounded.
 */

import { Agent, type ClientRequest, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import { type Clock, delay } from '../../lib/clock.ts';
import type { Counters } from '../telemetry/counters.ts';
import { encodeSpans, USUAL_PATHS } from './encode-spans.ts';
import type { Span, SpanSource, TracingSettings } from './span.ts';

const BATCH_SPANS = 512;
const FLUSH_MS = 1_000;
const WAITING_SPANS_MOST = 8_192;
const ANSWER_MS = 5_000;
/** A worker that is to end does not wait longer for a collector. */
const CLOSE_MS = 1_000;

export class SpanExporter {
  readonly #settings: TracingSettings;
  readonly #source: SpanSource;
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #url: URL;
  readonly #agent: Agent;
  #waiting: Span[] = [];
  #timed = false;
  #sending: Promise<void> | undefined;

  /** @throws when the endpoint is no URL */
  constructor(settings: TracingSettings, options: { source: SpanSource; clock: Clock; counters: Counters }) {
    this.#settings = settings;
    this.#source = options.source;
    this.#clock = options.clock;
    this.#counters = options.counters;
    this.#url = new URL(settings.endpoint);
    if (this.#url.pathname === '/') this.#url.pathname = USUAL_PATHS[settings.provider];
    this.#agent = this.#isTls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  }

  add(span: Span): void {
    if (this.#waiting.length >= WAITING_SPANS_MOST) {
      this.#drop(1, 'queue_full');
      return;
    }
    this.#waiting.push(span);
    if (this.#waiting.length >= BATCH_SPANS) this.#flush();
    else if (!this.#timed) {
      this.#timed = true;
      this.#clock.after(FLUSH_MS, () => {
        this.#timed = false;
        this.#flush();
      });
    }
  }

  /** Sends what waits, as far as there is time for it. */
  async close(): Promise<void> {
    const end = delay(this.#clock, CLOSE_MS);
    let isOver = false;
    void end.then(() => {
      isOver = true;
    });
    for (this.#flush(); this.#sending !== undefined && !isOver; this.#flush()) await Promise.race([this.#sending, end]);
    this.#agent.destroy();
  }

  get #isTls(): boolean {
    return this.#url.protocol === 'https:';
  }

  #flush(): void {
    if (this.#sending !== undefined || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, BATCH_SPANS);
    this.#sending = this.#send(batch).then((taken) => {
      this.#sending = undefined;
      if (taken) this.#counters.add('sluice_proxy_spans_sent_total', batch.length);
      else this.#drop(batch.length, 'not_taken');
      if (this.#waiting.length >= BATCH_SPANS) this.#flush();
    });
  }

  /** @returns whether the collector took the batch */
  #send(batch: readonly Span[]): Promise<boolean> {
    const body = encodeSpans(this.#settings.provider, batch, this.#source);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve) => {
      const sent = this.#request({ method: 'POST', headers, agent: this.#agent });
      const cancel = this.#clock.after(ANSWER_MS, () => sent.destroy());
      const done = (taken: boolean) => {
        cancel();
        resolve(taken);
      };
      sent.on('response', (response) => {
        response.resume();
        response.once('close', () => done((response.statusCode ?? 500) < 300));
      });
      sent.once('error', () => done(false));
      sent.once('close', () => done(false));
      sent.end(body);
    });
  }

  #request(options: RequestOptions): ClientRequest {
    return this.#isTls ? requestHttps(this.#url, options) : requestHttp(this.#url, options);
  }

  #drop(spans: number, reason: string): void {
    this.#counters.add(`sluice_proxy_spans_dropped_total{reason="${reason}"}`, spans);
  }
}
