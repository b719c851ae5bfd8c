/**
 * Takes endpoints out for all workers alike: a worker that counted too many failures asks, the table in force says what is
 * allowed, every worker is told, and after a while they come back.
 */

import type { Clock } from '../../lib/clock.ts';
import { holdingKey } from '../../mesh/table/handover.ts';
import type { OutlierPolicy } from '../../mesh/table/route-table.ts';
import { clusterCounter } from '../telemetry/metric-names.ts';
import type { ToWorker } from '../worker-messages.ts';
import { Ejections } from './ejections.ts';
import type { MetricsRegistry } from './metrics-registry.ts';
import type { StoredTable } from './stored-table.ts';

export type EjectorOptions = {
  clock: Clock;
  metrics: MetricsRegistry;
  table: () => StoredTable;
  /** Says it to every worker. */
  tell: (message: ToWorker) => void;
};

export class Ejector {
  readonly #options: EjectorOptions;
  readonly #clusters = new Map<string, Ejections>();

  constructor(options: EjectorOptions) {
    this.#options = options;
  }

  /** A worker finds that the endpoint fails too often. */
  eject(cluster: string, address: string): void {
    const { clock, metrics } = this.#options;
    const policy = this.#policyOf(cluster);
    const addresses = this.#addressesOf(cluster);
    if (policy === undefined || !addresses.has(address)) return;
    const ejections = this.#clusters.get(cluster) ?? new Ejections();
    if (ejections.eject(address, { all: addresses.size, policy, nowMs: clock.monotonicMs() })) {
      metrics.count(clusterCounter('outlier_detection_ejections_enforced_total', cluster));
      if (!this.#clusters.has(cluster)) {
        this.#clusters.set(cluster, ejections);
        this.#sweepLater(cluster, ejections);
      }
    }
    // Also when it was not allowed: the worker took the endpoint out already.
    this.#options.tell(messageOf(cluster, ejections));
  }

  /** After a new table: what is gone is forgotten. */
  tableChanged(): void {
    for (const [cluster, ejections] of this.#clusters) {
      ejections.retain(this.#policyOf(cluster) === undefined ? new Set() : this.#addressesOf(cluster));
      this.#options.tell(messageOf(cluster, ejections));
    }
  }

  /** What a worker that starts has to be told. */
  messages(): ToWorker[] {
    return [...this.#clusters].map(([cluster, ejections]) => messageOf(cluster, ejections));
  }

  /** The endpoints of the cluster that are out now. */
  ejectedOf(cluster: string): readonly string[] {
    return this.#clusters.get(cluster)?.out ?? [];
  }

  #sweepLater(cluster: string, ejections: Ejections): void {
    const { clock, tell } = this.#options;
    clock.after(this.#policyOf(cluster)?.intervalMs ?? 0, () => {
      if (ejections.sweep(clock.monotonicMs())) tell(messageOf(cluster, ejections));
      if (ejections.isEmpty) this.#clusters.delete(cluster);
      else this.#sweepLater(cluster, ejections);
    });
  }

  #policyOf(cluster: string): OutlierPolicy | undefined {
    const item = this.#options.table().items.get(holdingKey('cluster', cluster));
    return item?.kind === 'cluster' ? item.value.outliers : undefined;
  }

  #addressesOf(cluster: string): Set<string> {
    const item = this.#options.table().items.get(holdingKey('endpoints', cluster));
    return new Set(item?.kind === 'endpoints' ? item.value.endpoints.map(({ address }) => address) : []);
  }
}

function messageOf(cluster: string, { out }: Ejections): ToWorker {
  return { type: 'ejections', cluster, addresses: out };
}
