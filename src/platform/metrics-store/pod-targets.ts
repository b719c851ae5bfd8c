/** Which pods want to be scraped, and where they really listen. Pure. */

import { LISTEN_ANNOTATION } from '../../kube/listen-annotation.ts';
import type { KubeObject } from '../../lib/resource.ts';
import type { ScrapeTarget } from './target-scraper.ts';

/**
 * Targets of pods that carry the usual annotations `prometheus.io/scrape`, `prometheus.io/port` and `prometheus.io/path`
 * (`/metrics` unless stated). A pod that does not run, or whose port is not known, is none.
 */
export function podTargets(pods: readonly KubeObject[]): ScrapeTarget[] {
  return pods.flatMap((pod) => {
    const { annotations = {}, namespace = '', name } = pod.metadata;
    if (annotations['prometheus.io/scrape'] !== 'true' || !isRunning(pod)) return [];
    const address = listenAddress(annotations[LISTEN_ANNOTATION], annotations['prometheus.io/port']);
    if (address === undefined) return [];
    const scheme = annotations['prometheus.io/scheme'] === 'https' ? 'https' : 'http';
    const url = URL.parse(annotations['prometheus.io/path'] ?? '/metrics', `${scheme}://${address}`);
    // A path such as `//elsewhere/` would leave the pod.
    if (url === null || url.host !== address) return [];
    return [{ url: url.href, labels: { job: 'kubernetes-pods', namespace, pod: name } }];
  });
}

function isRunning(pod: KubeObject): boolean {
  const phase = (pod.status as { phase?: unknown } | undefined)?.phase;
  return phase === 'Running' && pod.metadata.deletionTimestamp === undefined;
}

/** Without a port the only one that the pod has is meant. */
function listenAddress(annotation: string | undefined, port: string | undefined): string | undefined {
  const addresses = parseAddresses(annotation);
  if (port !== undefined) return addresses.get(port);
  return addresses.size === 1 ? addresses.values().next().value : undefined;
}

function parseAddresses(annotation: string | undefined): Map<string, string> {
  try {
    const parsed: unknown = JSON.parse(annotation ?? '{}');
    if (typeof parsed !== 'object' || parsed === null) return new Map();
    const entries = Object.entries(parsed).filter(
      ([, address]) => typeof address === 'string' && /^[\w.[\]:-]+:\d+$/.test(address),
    );
    return new Map(entries as [string, string][]);
  } catch {
    return new Map();
  }
}
