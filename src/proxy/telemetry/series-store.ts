/**
 * All series of one worker, as numbers in typed arrays. A worker only adds; what it added is taken now and then by the parent, so
 * that nothing is locked while requests run, and a worker's death never lowers a counter.
 */

import type { WorkloadLabels } from '../../mesh/table/route-table.ts';
import type { CounterDeltas } from './counters.ts';
import { HISTOGRAM_WIDTH } from './histogram.ts';
import { clusterCounter } from './metric-names.ts';

export const DURATION_AT = 1;
export const REQUEST_BYTES_AT: number = DURATION_AT + HISTOGRAM_WIDTH;
export const RESPONSE_BYTES_AT: number = REQUEST_BYTES_AT + HISTOGRAM_WIDTH;
/** Numbers of one series: count, and the three histograms. */
export const SERIES_WIDTH: number = RESPONSE_BYTES_AT + HISTOGRAM_WIDTH;

/** What was added to one series: its label text as it stands between braces, and the numbers. */
export type SeriesDelta = { labels: string; numbers: number[] };

/** One series, and whether anything was added since the last report. */
export type Slot = { readonly labels: string; readonly numbers: Float64Array; dirty: boolean };

/** Envoy's counters of tries that brought no answer, by their flag, in the order in which they are kept behind the others. */
const LOSSES: readonly [string, string][] = [
  ['UF', 'upstream_cx_connect_fail'],
  ['UT', 'upstream_rq_timeout'],
  ['UC', 'upstream_cx_destroy_remote_with_active_rq'],
  ['UPE', 'upstream_cx_protocol_error'],
];
const LOSSES_AT = 6;
/** Where a try with this flag counts; absent: nowhere. */
export const LOSS_AT: ReadonlyMap<string, number> = new Map(LOSSES.map(([flag], index) => [flag, LOSSES_AT + index]));

/** Tries of one cluster: in all at 0, by class of their status at 1 to 5, and the lost ones. */
export type ClusterTries = { readonly cluster: string; readonly numbers: Float64Array };

/** Beyond, series are forgotten when they rest; the parent has what they counted. */
const SLOTS_MOST = 10_000;

export class SeriesStore {
  /** The workload beside which the proxy stands; absent: nobody knows who calls. */
  readonly source: WorkloadLabels | undefined;
  readonly #slots = new Map<string, Slot>();
  readonly #tries = new Map<string, ClusterTries>();
  #dirty: Slot[] = [];

  constructor(source?: WorkloadLabels) {
    this.source = source;
  }

  slot(labels: string): Slot {
    let slot = this.#slots.get(labels);
    if (slot === undefined) {
      slot = { labels, numbers: new Float64Array(SERIES_WIDTH), dirty: false };
      this.#slots.set(labels, slot);
    }
    return slot;
  }

  tries(cluster: string): ClusterTries {
    let tries = this.#tries.get(cluster);
    if (tries === undefined) {
      tries = { cluster, numbers: new Float64Array(LOSSES_AT + LOSSES.length) };
      this.#tries.set(cluster, tries);
    }
    return tries;
  }

  touch(slot: Slot): void {
    if (slot.dirty) return;
    slot.dirty = true;
    this.#dirty.push(slot);
  }

  /** What was added since the last call. */
  takeDeltas(): SeriesDelta[] {
    const dirty = this.#dirty;
    this.#dirty = [];
    // Whoever still holds a forgotten slot goes on counting in it: the parent adds by labels.
    if (this.#slots.size > SLOTS_MOST) this.#slots.clear();
    return dirty.map((slot) => {
      const delta = { labels: slot.labels, numbers: Array.from(slot.numbers) };
      slot.numbers.fill(0);
      slot.dirty = false;
      return delta;
    });
  }

  /** Tries of clusters since the last call, as counters. */
  takeTries(): CounterDeltas {
    const deltas: CounterDeltas = {};
    for (const { cluster, numbers } of this.#tries.values()) {
      if (numbers[0] === 0) continue;
      deltas[clusterCounter('upstream_rq_total', cluster)] = numbers[0] as number;
      for (let digit = 1; digit <= 5; digit++) {
        const added = numbers[digit] as number;
        if (added > 0) deltas[clusterCounter('upstream_rq_xx', cluster, `response_code_class="${digit}xx"`)] = added;
      }
      for (const [index, [, name]] of LOSSES.entries()) {
        const added = numbers[LOSSES_AT + index] as number;
        if (added > 0) deltas[clusterCounter(name, cluster)] = added;
      }
      numbers.fill(0);
    }
    return deltas;
  }
}
