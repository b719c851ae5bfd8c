/** A batch of spans in the JSON that collectors take: OTLP/HTTP (opentelemetry-proto 1.x) and Zipkin v2. */

import { latin1ToText } from '../telemetry/log-text.ts';
import type { Span, SpanSource, TracingProvider } from './span.ts';

/** Where a collector takes spans, if its address has no path. */
export const USUAL_PATHS: Readonly<Record<TracingProvider, string>> = { otlp: '/v1/traces', zipkin: '/api/v2/spans' };

export function encodeSpans(provider: TracingProvider, spans: readonly Span[], source: SpanSource): string {
  return provider === 'otlp' ? otlpJson(spans, source) : zipkinJson(spans, source);
}

const OTLP_KINDS = { SERVER: 2, CLIENT: 3 } as const;
const OTLP_ERROR = 2;

function otlpJson(spans: readonly Span[], { service }: SpanSource): string {
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: latin1ToText(value) } });
  const encoded = spans.map((span) => ({
    traceId: span.traceId.padStart(32, '0'),
    spanId: span.spanId,
    ...(span.parentId !== '' && { parentSpanId: span.parentId }),
    name: latin1ToText(span.name),
    kind: OTLP_KINDS[span.kind],
    startTimeUnixNano: nanos(span.startMs),
    endTimeUnixNano: nanos(span.startMs + span.durationMs),
    attributes: Object.entries(span.tags).map(([key, value]) => attribute(key, value)),
    status: span.isError ? { code: OTLP_ERROR } : {},
  }));
  const resource = { attributes: [attribute('service.name', service)] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'sluice' }, spans: encoded }] }] });
}

function zipkinJson(spans: readonly Span[], { service }: SpanSource): string {
  return JSON.stringify(
    spans.map((span) => ({
      traceId: span.traceId,
      id: span.spanId,
      ...(span.parentId !== '' && { parentId: span.parentId }),
      name: latin1ToText(span.name),
      kind: span.kind,
      timestamp: Math.round(span.startMs * 1_000),
      // Zipkin takes none below 1.
      duration: Math.max(1, Math.round(span.durationMs * 1_000)),
      localEndpoint: { serviceName: service },
      tags: Object.fromEntries(Object.entries(span.tags).map(([key, value]) => [key, latin1ToText(value)])),
    })),
  );
}

// Nanoseconds since 1970 are more than a number can hold.
function nanos(ms: number): string {
  return `${Math.round(ms * 1_000)}000`;
}
