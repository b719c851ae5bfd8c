/** The copies of one request for other clusters: its body is gathered while it passes, and all leave once it is complete. */

import type { DataPath } from './data-path.ts';
import { KeptBody } from './kept-body.ts';
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
  readonly #targets: readonly ClusterState[];
  readonly #body: KeptBody;

  constructor(path: DataPath, targets: readonly ClusterState[]) {
    this.#path = path;
    this.#targets = targets;
    this.#body = new KeptBody(path, 'sluice_proxy_mirrors_dropped_total');
  }

  /** Keeps what lies in the outbox from `from` on; a body that is too large is not copied at all. */
  keepBody(from: number): void {
    this.#body.keep(from);
  }

  send(facts: MirrorRequestFacts): void {
    if (!this.#body.isWhole) return;
    for (const cluster of this.#targets) sendMirror(this.#path, { ...facts, cluster, body: this.#body });
  }

  /** The request has ended: what has not left by now never will. */
  release(): void {
    this.#body.release();
  }
}
