/** How an answer of ours differs from the recorded one. Pure; says what was expected and what was found. */

import { OWN_ADDRESS } from '../../../src/proxy/own-address.ts';
import type { Field, Logged, RepeatedOutcome, SingleOutcome, UpstreamView } from './cases.ts';

/** Names in which Envoy shows itself, what changes from run to run, and what only this connection is about. */
const IGNORED_RESPONSE = new Set(['server', 'date', 'connection', 'x-envoy-upstream-service-time', 'x-request-id']);
/** Which endpoint answered says the version, and of several with one version it is chance. */
const ENDPOINT = 'x-served-by';
const IGNORED_UPSTREAM = new Set(['x-oracle-id', 'x-request-id', 'host', 'content-length', 'connection']);
/** Of these only the presence counts. */
const VARYING = new Set(['x-envoy-expected-rq-timeout-ms']);
/** Where the recording hides the address of whoever is in front. */
const PEERS = ['127.0.0.1', OWN_ADDRESS];

/** Seconds by which an answer may be late on a machine that is busy with other things, or early by rounding. */
const LATE_S = 3;
const EARLY_S = 0.3;

export function compareSingle(expected: SingleOutcome, found: SingleOutcome): string[] {
  return [
    ...differs('status', expected.status, found.status),
    ...fields('response', expected.headers, found.headers, IGNORED_RESPONSE.union(new Set([ENDPOINT]))),
    ...(expected.status === found.status ? differs('body', reason(expected.body), reason(found.body)) : []),
    ...differs('attempts', expected.attempts, found.attempts),
    ...(expected.isRandom === true ? [] : differs('version', expected.version, found.version)),
    ...upstream(expected.upstream, found.upstream),
    ...differs('shadows', expected.shadows?.length ?? 0, found.shadows?.length ?? 0),
    ...(expected.shadows ?? []).flatMap((each, index) =>
      upstream(each, found.shadows?.[index]).map((text) => `shadow ${index}: ${text}`),
    ),
    ...elapsed(expected.elapsed_s, found.elapsed_s),
  ];
}

/** @param found absent: the request is not in the log */
export function compareLogged(expected: Partial<Logged>, found: Logged | undefined): string[] {
  return [
    ...differs('logged flags', expected.flags, found?.flags),
    ...differs('logged details', expected.details, found?.details),
    ...differs('logged cluster', expected.cluster ?? '-', found?.cluster),
  ];
}

export function compareRepeated(expected: RepeatedOutcome, found: RepeatedOutcome): string[] {
  const percent = (counts: Record<string, number>) =>
    Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, (count / expected.n) * 100]));
  return [
    ...shares('status', percent(expected.status_counts), percent(found.status_counts), Math.max(expected.n, 50)),
    ...shares('version', expected.version_pct, found.version_pct, expected.n),
    ...endpoints(expected.endpoint_pct, found.endpoint_pct),
    ...shares('shadows', { all: expected.shadows_pct }, { all: found.shadows_pct }, expected.n),
  ];
}

// Envoy names its own reason behind the last colon; the first part is what a person reads.
function reason(body: string): string {
  return body.replace(/^from e\d+$/, 'from an endpoint').replace(/(reset reason: [a-z ]+).*$/, '$1');
}

function upstream(expected: UpstreamView | undefined, found: UpstreamView | undefined): string[] {
  if (expected === undefined || found === undefined) {
    return differs('reached upstream', expected !== undefined, found !== undefined);
  }
  return [
    ...differs('upstream method', expected.method, found.method),
    ...differs('upstream path', expected.path, found.path),
    ...differs('upstream host', expected.host, found.host),
    ...differs('upstream body length', expected.body_len, found.body_len),
    ...fields('upstream', expected.headers, found.headers, IGNORED_UPSTREAM),
  ];
}

function fields(
  where: string,
  expected: readonly Field[],
  found: readonly Field[],
  ignored: ReadonlySet<string>,
): string[] {
  const one = byName(expected, ignored);
  const other = byName(found, ignored);
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((name) =>
    differs(`${where} ${name}`, one.get(name)?.join(' | '), other.get(name)?.join(' | ')),
  );
}

function byName(list: readonly Field[], ignored: ReadonlySet<string>): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [written, value] of list) {
    const name = written.toLowerCase();
    if (ignored.has(name) || name.startsWith('x-up')) continue;
    values.set(name, [...(values.get(name) ?? []), VARYING.has(name) ? '<any>' : recorded(name, value)]);
  }
  return values;
}

function recorded(name: string, value: string): string {
  const hidden = value.replace(/"[0-9a-f]{16}"/, '"<hash>"');
  return name === 'x-forwarded-for'
    ? PEERS.reduce((text, peer) => text.replaceAll(peer, '<proxy-ip>'), hidden)
    : hidden;
}

/** Five standard deviations, and never less than one request. */
function shares(what: string, expected: Record<string, number>, found: Record<string, number>, n: number): string[] {
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])].flatMap((key) => {
    const one = expected[key] ?? 0;
    const other = found[key] ?? 0;
    const share = one / 100;
    const tolerance = share === 0 || share === 1 ? 0 : Math.max(100 / n, 700 * Math.sqrt((share * (1 - share)) / n));
    return Math.abs(one - other) <= tolerance + 1e-9 ? [] : [`${what} ${key}: ${one} %, got ${other} %`];
  });
}

/** How many endpoints were used is meant; which of them is Envoy's own affair. */
function endpoints(expected: Record<string, number>, found: Record<string, number>): string[] {
  return differs('endpoints used', Object.keys(expected).length, Object.keys(found).length);
}

function elapsed(expected: number, found: number): string[] {
  const fits = found >= expected - EARLY_S && found <= expected + LATE_S;
  return fits ? [] : [`seconds: ${expected}, got ${found.toFixed(2)}`];
}

function differs(what: string, expected: unknown, found: unknown): string[] {
  return expected === found ? [] : [`${what}: ${JSON.stringify(expected)}, got ${JSON.stringify(found)}`];
}
