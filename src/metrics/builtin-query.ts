/**
 * The built-in checks as PromQL over Istio's standard metrics, which the bundled proxy emits too: one query for Istio, for the
 * proxy, for the embedded store and for any Prometheus (Istio, "Istio Standard Metrics").
 */

export const BUILTIN_METRICS = ['request-success-rate', 'request-duration'] as const;

export type BuiltinMetric = (typeof BUILTIN_METRICS)[number];

export type BuiltinContext = {
  namespace: string;
  /** Name of the canary's workload: the target of the Canary. */
  target: string;
  /** A Prometheus duration such as `1m`: the window of the rates. */
  interval: string;
};

export function isBuiltinMetric(name: string): name is BuiltinMetric {
  return (BUILTIN_METRICS as readonly string[]).includes(name);
}

/** The success rate in percent (0 to 100), or the 99th percentile of the duration in milliseconds. */
export function builtinQuery(metric: BuiltinMetric, { namespace, target, interval }: BuiltinContext): string {
  const selector = [
    'reporter="destination"',
    `destination_workload_namespace="${escapeLabelValue(namespace)}"`,
    `destination_workload=~"${escapeLabelValue(escapeRegex(target))}"`,
  ].join(',');
  switch (metric) {
    case 'request-success-rate':
      return successRate(selector, interval);
    case 'request-duration':
      return `histogram_quantile(0.99, sum(rate(istio_request_duration_milliseconds_bucket{${selector}}[${interval}])) by (le))`;
    default:
      return metric satisfies never;
  }
}

/** A version that answers only 500 has no good series at all; without `or 0 * …` that would read as no data instead of 0 %. */
function successRate(selector: string, interval: string): string {
  const all = `sum(rate(istio_requests_total{${selector}}[${interval}]))`;
  const good = `sum(rate(istio_requests_total{${selector},response_code!~"5.*"}[${interval}]))`;
  return `(${good} or 0 * ${all}) / ${all} * 100`;
}

/** Escapes text for a double-quoted PromQL string. */
export function escapeLabelValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}
