/** How series are written in the Prometheus exposition format 0.0.4. */

/** A label's value between its quotes. */
export function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** The series of a cluster under Envoy's name, as Istio labels it: `envoy_cluster_NAME{cluster_name="…"}`. */
export function clusterCounter(name: string, cluster: string, more?: string): string {
  return `envoy_cluster_${name}{cluster_name="${escapeLabel(cluster)}"${more === undefined ? '' : `,${more}`}}`;
}
