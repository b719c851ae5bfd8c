/** The recorded cases and what a real Envoy answered (README.md), as data. */

import { readFileSync } from 'node:fs';
import type { KubeObject } from '../../../src/lib/resource.ts';

export type Field = [name: string, value: string];

export type CaseRequest = {
  method: string;
  path: string;
  host: string;
  headers: Field[];
  /** Which listener; absent: the caller's on service port 9080. */
  via?: string;
  body?: string;
  /** How often, and how many at once. */
  n?: number;
  parallel?: number;
  /** Seconds before the request. */
  wait?: number;
};

export type Case = {
  name: string;
  area: string;
  resources: (KubeObject & { _phase?: number })[];
  requests: CaseRequest[];
};

export type UpstreamView = { method: string; path: string; host: string; headers: Field[]; body_len: number };

/** What an access log says about a request. */
export type Logged = { flags: string; details: string; cluster: string };

export type SingleOutcome = {
  status: number;
  headers: Field[];
  body: string;
  attempts: number;
  version?: string;
  endpoint?: string;
  upstream?: UpstreamView;
  shadows?: UpstreamView[];
  elapsed_s: number;
  /** Whether the recorded choice among versions was chance. */
  isRandom?: boolean;
  envoy?: Partial<Logged>;
};

export type RepeatedOutcome = {
  n: number;
  status_counts: Record<string, number>;
  version_pct: Record<string, number>;
  endpoint_pct: Record<string, number>;
  attempts_total: number;
  shadows_pct: number;
};

export type Outcome = SingleOutcome | RepeatedOutcome | { rejected: { by: string; kind: string } } | { error: string };

export type Result = { case: string; i: number; request?: CaseRequest; outcome: Outcome; unstable?: unknown };

export function readCases(): { cases: Case[]; results: ReadonlyMap<string, Result[]> } {
  return {
    cases: ['cases.ndjson', 'more-cases.ndjson'].flatMap(read<Case>),
    results: Map.groupBy(['results.ndjson', 'more-results.ndjson'].flatMap(read<Result>), (each) => each.case),
  };
}

function read<T>(file: string): T[] {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}
