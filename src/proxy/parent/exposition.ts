/** Metrics as text: for Prometheus (exposition format 0.0.4), and by name and value as Envoy's `/stats` has them. */

export type MetricSample = {
  /** `_bucket`, `_sum` or `_count` of a histogram. */
  suffix?: string;
  /** As it stands between the braces; may be empty. */
  labels: string;
  value: number;
};

export type MetricFamily = { name: string; type: 'counter' | 'gauge' | 'histogram'; samples: readonly MetricSample[] };

/** What a family says, where its name does not say all. */
const HELP: Readonly<Record<string, string>> = {
  istio_requests_total: 'Requests as their destination saw them: each try and each mirrored copy counts',
  istio_request_duration_milliseconds: 'Time from a request to the end of its answer',
  istio_request_bytes: 'Sizes of request bodies',
  istio_response_bytes: 'Sizes of answer bodies',
  istio_build: 'Version of the proxy',
  envoy_cluster_upstream_rq_total: 'Tries sent to a cluster',
  envoy_cluster_upstream_rq_xx: 'Tries sent to a cluster, by class of their status',
  envoy_cluster_upstream_rq_retry: 'Tries that followed a failed one',
  envoy_cluster_upstream_rq_active: 'Requests in flight to a cluster',
  envoy_cluster_upstream_cx_active: 'Connections to a cluster',
  envoy_cluster_upstream_rq_pending_active: 'Requests that wait for a connection',
  envoy_cluster_upstream_rq_pending_overflow: 'Requests that were turned away because too many waited',
  envoy_cluster_upstream_rq_timeout: 'Tries that brought no answer in time',
  envoy_cluster_upstream_cx_connect_fail: 'Tries whose connection could not be made',
  envoy_cluster_upstream_cx_destroy_remote_with_active_rq: 'Tries whose connection ended without an answer',
  envoy_cluster_outlier_detection_ejections_active: 'Endpoints that are out because they failed too often',
  envoy_cluster_membership_total: 'Endpoints of a cluster',
  envoy_cluster_membership_healthy: 'Endpoints of a cluster that may be sent requests',
  sluice_proxy_refused_requests_total: 'Requests that were refused for how they were written, by status',
  sluice_proxy_series_forgotten_total: 'Series forgotten because there were too many',
  sluice_proxy_mirrors_dropped_total: 'Mirrored copies that were not sent, by reason',
};

/** The exposition format 0.0.4; families without samples are left out. */
export function expositionText(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const { name, type, samples } of families) {
    if (samples.length === 0) continue;
    lines.push(`# HELP ${name} ${HELP[name] ?? name.replaceAll('_', ' ')}`, `# TYPE ${name} ${type}`);
    for (const sample of samples) lines.push(`${seriesOf(name, sample)} ${sample.value}`);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** One line for each series, sorted; of histograms only sum and count. @param isWanted told the series as written */
export function statsText(families: readonly MetricFamily[], isWanted: (series: string) => boolean): string {
  return statsOf(families)
    .filter(({ name }) => isWanted(name))
    .map(({ name, value }) => `${name}: ${value}\n`)
    .join('');
}

/** The same as Envoy's `format=json` has it. */
export function statsJson(families: readonly MetricFamily[], isWanted: (series: string) => boolean): string {
  return `${JSON.stringify({ stats: statsOf(families).filter(({ name }) => isWanted(name)) })}\n`;
}

function statsOf(families: readonly MetricFamily[]): { name: string; value: number }[] {
  return families
    .flatMap(({ name, samples }) =>
      samples
        .filter(({ suffix }) => suffix !== '_bucket')
        .map((sample) => ({ name: seriesOf(name, sample), value: sample.value })),
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function seriesOf(name: string, { suffix = '', labels }: MetricSample): string {
  return labels === '' ? `${name}${suffix}` : `${name}${suffix}{${labels}}`;
}
