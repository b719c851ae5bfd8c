/** Puts the requests of one case through the proxy, in order, and compares each with what was recorded. */

import type { Case, CaseRequest, Field, Logged, RepeatedOutcome, Result, SingleOutcome } from './cases.ts';
import { compareRepeated, compareSingle } from './compare.ts';
import { rawRequest } from './raw-request.ts';
import type { Standalone } from './standalone.ts';
import type { Received, Upstreams } from './upstream.ts';

export type World = { proxy: Standalone; upstreams: Upstreams };

export type Verdict = {
  case: string;
  area: string;
  i: number;
  skipped?: string;
  differences: readonly string[];
  /** Under which id the request is in the log, and what stands there in Envoy's. */
  log?: { id: string; expected: Partial<Logged> };
};

const TIMEOUT_MS = 20_000;

export async function runCase(each: Case, results: readonly Result[], world: World): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const result of results) {
    const verdict = { case: each.name, area: each.area, i: result.i };
    verdicts.push({ ...verdict, ...(await judge(each, result, world)) });
  }
  return verdicts;
}

async function judge(each: Case, result: Result, world: World): Promise<Omit<Verdict, 'case' | 'area' | 'i'>> {
  const { outcome, request } = result;
  if ('rejected' in outcome) {
    const names = each.resources
      .filter(({ kind }) => kind === outcome.rejected.kind)
      .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? 'default'}/${metadata.name}`);
    const isRefused = names.some((name) => world.proxy.refused.has(name));
    return { differences: isRefused ? [] : [`refused: ${outcome.rejected.kind}, got accepted`] };
  }
  if (request === undefined) return { skipped: 'no request', differences: [] };
  const via = request.via ?? 'client';
  if (world.proxy.port(via) === undefined) return { skipped: `needs the ${via} proxy`, differences: [] };
  if (request.wait !== undefined) await new Promise((resolve) => setTimeout(resolve, (request.wait ?? 0) * 1_000));
  if ('error' in outcome) return { skipped: 'nothing was recorded', differences: [] };
  if ('n' in outcome) return { differences: compareRepeated(outcome, await repeat(each, request, world)) };
  const expected = { ...outcome, isRandom: isRandom(each, outcome) };
  const id = nextId(each);
  const differences = compareSingle(expected, await once(each, request, world, id));
  return { differences, ...(outcome.envoy && { log: { id, expected: outcome.envoy } }) };
}

// A cluster that is no subset has endpoints of all versions, of which any may answer.
function isRandom({ resources }: Case, { envoy }: SingleOutcome): boolean {
  const [, , subset = '', host = ''] = envoy?.cluster?.split('|') ?? [];
  if (subset !== '') return false;
  const entry = resources.find(({ kind, spec }) => kind === 'ServiceEntry' && (spec as EntrySpec).hosts.includes(host));
  const versions = (entry?.spec as EntrySpec | undefined)?.endpoints?.map(({ labels }) => labels?.version);
  return new Set(versions).size > 1;
}

type EntrySpec = {
  hosts: string[];
  endpoints?: { ports?: Record<string, number>; labels?: { version?: string } }[];
};

let ids = 0;

const nextId = ({ name }: Case): string => `${name}-${++ids}`;

async function once(
  each: Case,
  request: CaseRequest,
  { proxy, upstreams }: World,
  id = nextId(each),
): Promise<SingleOutcome> {
  const startedMs = performance.now();
  const headers: Field[] = [...(request.host === '' ? [] : [['host', request.host] as Field]), ...request.headers];
  const answer = await rawRequest(
    proxy.port(request.via ?? 'client') ?? 0,
    { ...request, headers: [...headers, ['x-oracle-id', id]], body: request.body },
    TIMEOUT_MS,
  );
  const elapsed = (performance.now() - startedMs) / 1_000;
  await copiesArrived(each);
  const received = upstreams.received(id);
  const attempts = received.filter(({ isShadow }) => !isShadow);
  const shadows = received.filter(({ isShadow }) => isShadow);
  const last = attempts.at(-1);
  return {
    status: answer?.status ?? 0,
    headers: answer?.headers ?? [],
    body: (answer?.body ?? '').slice(0, 300),
    attempts: attempts.length,
    ...(last && { version: versionOf(each, last.endpoint), endpoint: last.endpoint, upstream: viewOf(last) }),
    ...(shadows.length > 0 && { shadows: shadows.map(viewOf) }),
    elapsed_s: elapsed,
  };
}

/** A copy may arrive after the answer. */
async function copiesArrived({ area }: Case): Promise<void> {
  if (area === 'mirror') await new Promise((resolve) => setTimeout(resolve, 100));
}

async function repeat(each: Case, request: CaseRequest, world: World): Promise<RepeatedOutcome> {
  const n = request.n ?? 1;
  const outcomes: SingleOutcome[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < n) outcomes.push(await once(each, numbered(request, next++), world));
  };
  await Promise.all(Array.from({ length: request.parallel ?? (each.area === 'mirror' ? 10 : 1) }, work));
  const versions = outcomes.flatMap(({ version }) => (version === undefined ? [] : [version]));
  return {
    n,
    status_counts: countOf(outcomes.map(({ status }) => String(status))),
    version_pct: Object.fromEntries(Object.entries(countOf(versions)).map(([key, count]) => [key, (count / n) * 100])),
    endpoint_pct: countOf(outcomes.flatMap(({ endpoint }) => endpoint ?? [])),
    attempts_total: outcomes.reduce((sum, { attempts }) => sum + attempts, 0),
    shadows_pct: (outcomes.filter(({ shadows }) => shadows !== undefined).length / n) * 100,
  };
}

/** `${i}` in a field is the number of the repetition. */
function numbered(request: CaseRequest, i: number): CaseRequest {
  const headers = request.headers.map(([name, value]): Field => [name, value.replace(PLACE, String(i))]);
  return { ...request, headers };
}

const PLACE = /\$\{i\}/g;

function countOf(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function viewOf({ method, path, host, headers, bodyLength }: Received) {
  return { method, path, host, headers, body_len: bodyLength };
}

/** The label of an endpoint, as the entry of the case declares it. */
function versionOf({ resources }: Case, endpoint: string): string {
  const port = 9100 + Number(endpoint.slice(1));
  for (const { kind, spec } of resources) {
    if (kind !== 'ServiceEntry') continue;
    const { endpoints = [] } = spec as EntrySpec;
    const found = endpoints.find(({ ports = {} }) => Object.values(ports).includes(port));
    if (found !== undefined) return found.labels?.version ?? '';
  }
  return '';
}
