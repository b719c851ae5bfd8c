/** Istio's four standard metrics of one destination (istio.md 9.2): what a try adds to them, and under which labels. */

import type { Cluster, WorkloadLabels } from '../../mesh/table/route-table.ts';
import type { Flags } from '../failure.ts';
import { observe } from './histogram.ts';
import { escapeLabel } from './metric-names.ts';
import {
  type ClusterTries,
  DURATION_AT,
  LOSS_AT,
  REQUEST_BYTES_AT,
  RESPONSE_BYTES_AT,
  type SeriesStore,
  type Slot,
} from './series-store.ts';

export type RequestOutcome = {
  /** 0 when the client left before there was one. */
  status: number;
  flags: Flags;
  durationMs: number;
  requestBytes: number;
  responseBytes: number;
  /** Of gRPC requests only (`grpcStatusOf`). */
  grpcStatus?: string | undefined;
};

export type SeriesDestination = {
  service: Cluster['service'] | undefined;
  /** Of the endpoint; absent: the requests reached none. */
  workload: WorkloadLabels | undefined;
  /** Where tries are counted, too. */
  tries?: ClusterTries;
};

/** The series of one destination: an endpoint's workload, or a cluster for requests that reached none. */
export class RequestSeries {
  readonly #store: SeriesStore;
  readonly #labels: string;
  readonly #tries: ClusterTries | undefined;
  readonly #byOutcome = new Map<string | number, Slot>();

  constructor(store: SeriesStore, destination: SeriesDestination) {
    this.#store = store;
    this.#tries = destination.tries;
    this.#labels = labelsOf(store.source, destination);
  }

  /** Whether anything was ever counted here. */
  get isUsed(): boolean {
    return this.#byOutcome.size > 0;
  }

  record(outcome: RequestOutcome): void {
    const { status, flags, durationMs, requestBytes, responseBytes, grpcStatus } = outcome;
    const key =
      grpcStatus === undefined ? (flags === '-' ? status : `${status}${flags}`) : `${status}${flags}${grpcStatus}`;
    const slot = this.#byOutcome.get(key) ?? this.#add(key, outcome);
    const { numbers } = slot;
    numbers[0] = (numbers[0] as number) + 1;
    observe(numbers, DURATION_AT, durationMs);
    observe(numbers, REQUEST_BYTES_AT, requestBytes);
    observe(numbers, RESPONSE_BYTES_AT, responseBytes);
    this.#store.touch(slot);
    if (this.#tries !== undefined) countTry(this.#tries.numbers, status, flags);
  }

  #add(key: string | number, { status, flags, grpcStatus }: RequestOutcome): Slot {
    const grpc = grpcStatus === undefined ? '' : `,grpc_response_status="${grpcStatus}"`;
    const protocol = grpcStatus === undefined ? 'http' : 'grpc';
    const added = this.#store.slot(
      `${this.#labels},request_protocol="${protocol}"${grpc},response_code="${status}",response_flags="${flags}"`,
    );
    this.#byOutcome.set(key, added);
    return added;
  }
}

function countTry(numbers: Float64Array, status: number, flags: Flags): void {
  numbers[0] = (numbers[0] as number) + 1;
  const lossAt = flags === '-' ? undefined : LOSS_AT.get(flags);
  if (lossAt !== undefined) numbers[lossAt] = (numbers[lossAt] as number) + 1;
  const digit = Math.floor(status / 100);
  if (digit >= 1 && digit <= 5) numbers[digit] = (numbers[digit] as number) + 1;
}

const UNKNOWN = 'unknown';

/** The label of a gRPC status, empty when none came: what a service makes up must not make up series. */
export function grpcStatusOf(field: string | undefined): string {
  return field === undefined || /^(?:\d|1[0-6])$/.test(field) ? (field ?? '') : UNKNOWN;
}

function labelsOf(source: WorkloadLabels | undefined, { service, workload }: SeriesDestination): string {
  const labels: [string, string | undefined][] = [
    ['reporter', 'destination'],
    ...workloadLabels('source', source),
    ...workloadLabels('destination', workload),
    ['destination_service', service?.host],
    ['destination_service_name', service?.name],
    ['destination_service_namespace', service?.namespace],
    ['connection_security_policy', 'none'],
  ];
  return labels.map(([name, value]) => `${name}="${escapeLabel(value || UNKNOWN)}"`).join(',');
}

function workloadLabels(side: string, workload: WorkloadLabels | undefined): [string, string | undefined][] {
  return [
    [`${side}_workload`, workload?.workload],
    [`${side}_workload_namespace`, workload?.namespace],
    [`${side}_principal`, undefined],
    [`${side}_app`, workload?.app],
    [`${side}_version`, workload?.version],
    [`${side}_cluster`, undefined],
    [`${side}_canonical_service`, workload?.canonicalService],
    [`${side}_canonical_revision`, workload?.canonicalRevision],
  ];
}
