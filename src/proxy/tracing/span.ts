/** One span, as it is handed to a collector. */

export type Span = {
  traceId: string;
  spanId: string;
  /** Empty: the first of its trace. */
  parentId: string;
  name: string;
  kind: 'SERVER' | 'CLIENT';
  /** Milliseconds since 1970, with fractions. */
  startMs: number;
  durationMs: number;
  tags: Readonly<Record<string, string>>;
  isError: boolean;
};

/** Who tells of spans: the service name in collectors. */
export type SpanSource = { service: string };

export type TracingProvider = 'otlp' | 'zipkin';

export type TracingSettings = {
  provider: TracingProvider;
  /** Of the collector; without a path, the provider's usual one. */
  endpoint: string;
  /** Of requests about which nobody has decided yet. */
  samplingPercent: number;
};
