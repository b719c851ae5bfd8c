/**
 * The spans of one request as Envoy has them: one for the request, and below it one for each try. The service behind is told of the
 * try's span, so that what it does hangs below that.
 */

import type { Ending, TryEnding, Whereabouts } from '../exchange-record.ts';
import type { ProxyRole } from '../worker-messages.ts';
import type { Span, SpanSource } from './span.ts';
import type { SpanExporter } from './span-exporter.ts';
import { type TraceContext, type TraceLanguages, traceLines } from './trace-context.ts';

export type RequestTraceOptions = {
  source: SpanSource & { tags: Readonly<Record<string, string>> };
  role: ProxyRole;
  exporter: SpanExporter;
  newSpanId: () => string;
  context: TraceContext;
  /** Of the request's span. */
  spanId: string;
  spoken: TraceLanguages;
  /** Monotonic, and the same instant in milliseconds since 1970. */
  startedMs: number;
  epochMs: number;
  requestId: string;
  method: string;
  authority: string;
  path: string;
  userAgent: string | undefined;
};

/** Sizes of the bodies, and who asked. */
export type RequestTotals = { requestBytes: number; responseBytes: number; remoteAddress: string };

export class RequestTrace {
  readonly #options: RequestTraceOptions;
  /** Of the present try; made when somebody has to be told. */
  #trySpanId: string | undefined;

  constructor(options: RequestTraceOptions) {
    this.#options = options;
  }

  get traceId(): string {
    return this.#options.context.traceId;
  }

  /** What the trace says about itself to the service, as lines of the head of the present try. */
  tryLines(): string {
    this.#trySpanId ??= this.#options.newSpanId();
    return this.#linesBelow(this.#options.spanId, this.#trySpanId);
  }

  /** The same for copies: they hang below the request. */
  copyLines(): string {
    return this.#linesBelow(this.#options.context.parentId, this.#options.spanId);
  }

  /** @param nowMs monotonic */
  endTry(ending: TryEnding, where: Whereabouts, nowMs: number): void {
    const spanId = this.#trySpanId ?? this.#options.newSpanId();
    this.#trySpanId = undefined;
    const cluster = where.cluster?.cluster.name ?? '-';
    const address = where.endpoint?.address ?? '-';
    this.#add(where.triedFromMs ?? this.#options.startedMs, nowMs, ending, {
      spanId,
      parentId: this.#options.spanId,
      name: `router ${cluster} egress`,
      kind: 'CLIENT',
      tags: {
        ...clusterTags(cluster),
        upstream_address: address,
        'peer.address': address,
        ...(where.attempts > 1 && { 'retry.count': String(where.attempts - 1) }),
      },
    });
  }

  /** @param nowMs monotonic */
  end(ending: Ending, where: Whereabouts, totals: RequestTotals & { nowMs: number }): void {
    const { role, spanId, context, method, authority, path, userAgent, requestId, source } = this.#options;
    const cluster = where.cluster?.cluster.name;
    this.#add(this.#options.startedMs, totals.nowMs, ending, {
      spanId,
      parentId: context.parentId,
      name: cluster === undefined ? (role === 'gateway' ? 'ingress' : 'egress') : operationOf(cluster, authority),
      kind: role === 'gateway' ? 'SERVER' : 'CLIENT',
      tags: {
        ...source.tags,
        'http.method': method,
        'http.url': `http://${authority}${path}`,
        'http.protocol': 'HTTP/1.1',
        'guid:x-request-id': requestId,
        user_agent: userAgent ?? '-',
        'peer.address': totals.remoteAddress,
        request_size: String(totals.requestBytes),
        response_size: String(totals.responseBytes),
        ...(cluster !== undefined && clusterTags(cluster)),
      },
    });
  }

  #linesBelow(parentId: string, spanId: string): string {
    const { context, spoken } = this.#options;
    return traceLines({ ...context, parentId, spanId }, spoken);
  }

  #add(
    fromMs: number,
    nowMs: number,
    { status, flags }: TryEnding,
    span: Pick<Span, 'spanId' | 'parentId' | 'name' | 'kind' | 'tags'>,
  ): void {
    const { context, startedMs, epochMs, exporter } = this.#options;
    if (context.sampled !== true) return;
    const isError = status >= 500 || status === 0;
    exporter.add({
      ...span,
      traceId: context.traceId,
      startMs: epochMs + (fromMs - startedMs),
      durationMs: nowMs - fromMs,
      isError,
      tags: {
        component: 'proxy',
        ...span.tags,
        'http.status_code': String(status),
        response_flags: flags,
        ...(isError && { error: 'true' }),
      },
    });
  }
}

function clusterTags(cluster: string): Record<string, string> {
  return { upstream_cluster: cluster, 'upstream_cluster.name': cluster };
}

/** Istio's name for what was asked for: `host:port/*` of the service. */
function operationOf(cluster: string, authority: string): string {
  const [, port, , host] = cluster.split('|');
  return host === undefined ? `${authority}/*` : `${host}:${port}/*`;
}
