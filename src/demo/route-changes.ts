/**
 * Which split a version of the route table served. A VirtualService says in its status from which table version on its generation
 * is served; weights belong to generations. Pure.
 */

import type { KubeObject } from '../lib/resource.ts';
import type { RouteChange } from './report.ts';

type Destination = { destination?: { host?: string }; weight?: number };
export type SplitRoute = KubeObject & {
  spec: { http?: { match?: unknown; route?: Destination[] }[] };
  status?: { observedGeneration?: number; tableVersion?: number };
};

type Split = Omit<RouteChange, 'tableVersion'>;

/** Collects the changes of one VirtualService, as its versions are seen. */
export class RouteChanges {
  readonly #canaryHost: string;
  readonly #splits = new Map<number, Split>();
  readonly #changes: RouteChange[] = [];

  /** @param canaryHost name of the canary's Service */
  constructor(canaryHost: string) {
    this.#canaryHost = canaryHost;
  }

  see({ metadata, spec, status }: SplitRoute): void {
    this.#splits.set(metadata.generation ?? 0, splitOf(spec, this.#canaryHost));
    const split = this.#splits.get(status?.observedGeneration ?? -1);
    const tableVersion = status?.tableVersion;
    if (split === undefined || tableVersion === undefined || tableVersion <= this.latestVersion) return;
    this.#changes.push({ tableVersion, ...split });
  }

  get changes(): readonly RouteChange[] {
    return this.#changes;
  }

  /** The last table version that brought a change; 0 before the first. */
  get latestVersion(): number {
    return this.#changes.at(-1)?.tableVersion ?? 0;
  }
}

/** The last route is the one for unmatched traffic; a route before it sends its matches to the canary. */
function splitOf({ http = [] }: SplitRoute['spec'], canaryHost: string): Split {
  const toCanary = ({ destination }: Destination): boolean => destination?.host === canaryHost;
  const weight = http.at(-1)?.route?.find(toCanary)?.weight ?? 0;
  return { weight, matched: http.slice(0, -1).some(({ route = [] }) => route.some(toCanary)) };
}
