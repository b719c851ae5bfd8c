/** The copies of one request for other clusters: its body is gathered while it passes, and all leave once it is complete. */

import type { DataPath } from './data-path.ts';
import { sendMirror } from './mirror.ts';
import type { AccessEntry } from './telemetry/access-entry.ts';
import type { ClusterState } from './upstream/cluster-state.ts';

export type MirrorRequestFacts = {
  head: string;
  isHead: boolean;
  timeoutMs: number | undefined;
  entry: AccessEntry | undefined;
};

export class MirrorCopies {
  readonly #path: DataPath;
  #targets: readonly ClusterState[];
  #body: Buffer[] = [];
  #bytes = 0;

  constructor(path: DataPath, targets: readonly ClusterState[]) {
    this.#path = path;
    this.#targets = targets;
  }

  /** Keeps what lies in the outbox from `from` on; a body that is too large is not copied at all. */
  keepBody(from: number): void {
    const { outbox, limits, counters } = this.#path;
    if (this.#targets.length === 0 || outbox.length === from) return;
    this.#bytes += outbox.length - from;
    if (this.#bytes <= limits.mirrorBytes) {
      this.#body.push(outbox.copyFrom(from));
      return;
    }
    counters.add('sluice_proxy_mirrors_dropped_total{reason="too_large"}');
    this.#targets = [];
    this.#body = [];
  }

  send(facts: MirrorRequestFacts): void {
    for (const cluster of this.#targets) sendMirror(this.#path, { ...facts, cluster, body: this.#body });
    this.#targets = [];
    this.#body = [];
  }
}
