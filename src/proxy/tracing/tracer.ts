/** Begins the trace of a request: goes on with the one it belongs to, or decides whether a new one is recorded. */

import { DROPPED } from '../h1/replaced-fields.ts';
import type { RequestHead } from '../h1/request-head.ts';
import type { ProxyRole } from '../worker-messages.ts';
import { RequestTrace } from './request-trace.ts';
import type { SpanSource, TracingSettings } from './span.ts';
import type { SpanExporter } from './span-exporter.ts';
import { readTrace, TRACE_FIELDS } from './trace-context.ts';

export type TracerOptions = {
  settings: TracingSettings;
  source: SpanSource & { tags: Readonly<Record<string, string>> };
  role: ProxyRole;
  exporter: SpanExporter;
  /** Numbers in [0, 1). */
  random: () => number;
};

/** The digit of a request id in which Envoy keeps what was decided (istio.md 9.5), and its values for traces that are recorded. */
const REASON_AT = 14;
const SAMPLED = '9';
const RECORDED = new Set([SAMPLED, 'a', 'b']);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export class Tracer {
  readonly #options: TracerOptions;

  constructor(options: TracerOptions) {
    this.#options = options;
  }

  /** The fields that name the caller's span are not sent on, and the request id tells what was decided. */
  begin(head: RequestHead, at: { startedMs: number; epochMs: number }): RequestTrace {
    const { settings, role, random } = this.#options;
    const own = settings.provider === 'otlp' ? 'w3c' : 'b3';
    const { context, sampled, spoken } = readTrace((name) => head.headerValues(name), own);
    dropFields(head, TRACE_FIELDS);
    // It belongs to the trace that the caller named with it, and to no other.
    if (context === undefined) dropFields(head, ['tracestate']);
    const isRecorded = sampled ?? this.#decide(head, role);
    if (isRecorded) head.requestId = withReason(head.requestId);
    const newId = (words: number) => randomId(random, words);
    return new RequestTrace({
      ...this.#options,
      ...at,
      newSpanId: () => newId(2),
      context: {
        traceId: context?.traceId ?? newId(4),
        parentId: context?.parentId ?? '',
        sampled: isRecorded,
      },
      spanId: newId(2),
      spoken: { ...spoken, [own]: true },
      requestId: head.requestId ?? '',
      ...{ method: head.method, authority: head.authority, path: head.path },
      userAgent: head.header('user-agent'),
    });
  }

  // Strangers may ask for nothing.
  #decide(head: RequestHead, role: ProxyRole): boolean {
    const { settings, random } = this.#options;
    if (role === 'sidecar') {
      const { requestId = '' } = head;
      if (UUID.test(requestId) && RECORDED.has(requestId[REASON_AT] ?? '')) return true;
    }
    return random() * 100 < settings.samplingPercent;
  }
}

function withReason(requestId: string | undefined): string | undefined {
  if (requestId === undefined || !UUID.test(requestId) || RECORDED.has(requestId[REASON_AT] ?? '')) return requestId;
  return requestId.slice(0, REASON_AT) + SAMPLED + requestId.slice(REASON_AT + 1);
}

function dropFields(head: RequestHead, names: readonly string[]): void {
  const { fields } = head;
  for (let index = 0; index < fields.count; index++) {
    if (fields.mark(index) === 0 && names.includes(fields.name(index))) fields.setMark(index, DROPPED);
  }
}

/** @param words of 32 bits @returns hexadecimal digits, not all zero */
function randomId(random: () => number, words: number): string {
  let id = '';
  for (let word = 0; word < words; word++) {
    id += Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  }
  return /^0+$/.test(id) ? `${id.slice(1)}1` : id;
}
