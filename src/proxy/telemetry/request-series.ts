/**
 * Istio's four standard metrics (istio.md 9.2) as numbers in typed arrays. A worker only adds; what it added is taken now and
 * then by the parent, so that a worker's death never lowers a counter.
 */

import type { Cluster, WorkloadLabels } from '../../mesh/table/route-table.ts';
import type { Flags } from '../failure.ts';

/** Upper bounds of Istio's histograms, for milliseconds and bytes alike; +Inf follows. */
export const BUCKET_BOUNDS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

/** Sum, then the buckets (each on its own, not cumulative). */
export const HISTOGRAM_WIDTH: number = BUCKET_BOUNDS.length + 2;
export const DURATION_AT = 1;
export const REQUEST_BYTES_AT: number = DURATION_AT + HISTOGRAM_WIDTH;
export const RESPONSE_BYTES_AT: number = REQUEST_BYTES_AT + HISTOGRAM_WIDTH;
/** Numbers of one series: count, and the three histograms. */
export const SERIES_WIDTH: number = RESPONSE_BYTES_AT + HISTOGRAM_WIDTH;

/** What was added to one series: its label text as it stands between braces, and the numbers. */
export type SeriesDelta = { labels: string; numbers: number[] };

export type RequestOutcome = {
  status: number;
  flags: Flags;
  durationMs: number;
  requestBytes: number;
  responseBytes: number;
};

/** One series, and whether anything was added since the last report. */
type Slot = { readonly labels: string; readonly numbers: Float64Array; dirty: boolean };

/** All series of one worker. */
export class SeriesStore {
  readonly #slots = new Map<string, Slot>();
  #dirty: Slot[] = [];

  slot(labels: string): Slot {
    let slot = this.#slots.get(labels);
    if (slot === undefined) {
      slot = { labels, numbers: new Float64Array(SERIES_WIDTH), dirty: false };
      this.#slots.set(labels, slot);
    }
    return slot;
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
    return dirty.map((slot) => {
      const delta = { labels: slot.labels, numbers: Array.from(slot.numbers) };
      slot.numbers.fill(0);
      slot.dirty = false;
      return delta;
    });
  }
}

/** The series of one destination: an endpoint's workload, or a cluster for requests that reached none. */
export class RequestSeries {
  readonly #store: SeriesStore;
  readonly #destination: string;
  readonly #byOutcome = new Map<string | number, Slot>();

  constructor(store: SeriesStore, service: Cluster['service'] | undefined, workload: WorkloadLabels | undefined) {
    this.#store = store;
    this.#destination = destinationLabels(service, workload);
  }

  record({ status, flags, durationMs, requestBytes, responseBytes }: RequestOutcome): void {
    const key = flags === '-' ? status : `${status}${flags}`;
    const slot = this.#byOutcome.get(key) ?? this.#add(key, status, flags);
    const { numbers } = slot;
    numbers[0] = (numbers[0] as number) + 1;
    observe(numbers, DURATION_AT, durationMs);
    observe(numbers, REQUEST_BYTES_AT, requestBytes);
    observe(numbers, RESPONSE_BYTES_AT, responseBytes);
    this.#store.touch(slot);
  }

  #add(key: string | number, status: number, flags: Flags): Slot {
    const added = this.#store.slot(`${this.#destination},response_code="${status}",response_flags="${flags}"`);
    this.#byOutcome.set(key, added);
    return added;
  }
}

function observe(slot: Float64Array, at: number, value: number): void {
  slot[at] = (slot[at] as number) + value;
  let bucket = 0;
  while (bucket < BUCKET_BOUNDS.length && value > (BUCKET_BOUNDS[bucket] as number)) bucket++;
  const position = at + 1 + bucket;
  slot[position] = (slot[position] as number) + 1;
}

const UNKNOWN = 'unknown';

function destinationLabels(service: Cluster['service'] | undefined, workload: WorkloadLabels | undefined): string {
  const source = ['workload', 'workload_namespace', 'principal', 'app', 'version', 'cluster', 'canonical_service'];
  const labels: [string, string][] = [
    ['reporter', 'destination'],
    ...[...source, 'canonical_revision'].map((name): [string, string] => [`source_${name}`, UNKNOWN]),
    ['destination_workload', workload?.workload ?? UNKNOWN],
    ['destination_workload_namespace', workload?.namespace ?? UNKNOWN],
    ['destination_principal', UNKNOWN],
    ['destination_app', workload?.app ?? UNKNOWN],
    ['destination_version', workload?.version ?? UNKNOWN],
    ['destination_cluster', UNKNOWN],
    ['destination_canonical_service', workload?.canonicalService ?? UNKNOWN],
    ['destination_canonical_revision', workload?.canonicalRevision ?? UNKNOWN],
    ['destination_service', service?.host ?? UNKNOWN],
    ['destination_service_name', service?.name ?? UNKNOWN],
    ['destination_service_namespace', service?.namespace ?? UNKNOWN],
    ['request_protocol', 'http'],
    ['connection_security_policy', 'none'],
  ];
  return labels.map(([name, value]) => `${name}="${escapeLabel(value === '' ? UNKNOWN : value)}"`).join(',');
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
