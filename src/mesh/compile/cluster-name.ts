/** The name that Istio gives an upstream: `outbound|PORT|SUBSET|FQDN`. */
export function clusterName({ host, port, subset = '' }: { host: string; port: number; subset?: string }): string {
  return `outbound|${port}|${subset}|${host}`;
}
