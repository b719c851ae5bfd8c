/**
 * The conditions under which two match entries both hold, as one entry. Flagger keeps only headers and source labels of the
 * second one, so that an entry of query parameters sends everybody to the canary (flagger.md, quirk 12); here every field
 * counts, and a pair that cannot hold together disappears.
 */

import { RE2JS } from 're2js';
import type { HttpMatchSpec } from '../schema/http-match.ts';
import type { StringMatchSpec } from '../schema/string-match.ts';

/** Marks a pair of conditions that no request can fulfil. */
const NEVER = Symbol('never');

/** Every pair of the two lists, merged. An empty list matches everything, so the other one remains. */
export function crossMatches(
  narrow: readonly HttpMatchSpec[],
  wide: readonly HttpMatchSpec[] = [],
): readonly HttpMatchSpec[] {
  if (wide.length === 0) return narrow;
  return narrow.flatMap((first) => wide.flatMap((second) => mergeMatch(first, second) ?? []));
}

/**
 * One entry that holds where both hold, or `undefined` when nothing can. Two conditions on one value that RE2 cannot
 * express as one (a prefix and a regular expression) leave the first.
 */
export function mergeMatch(first: HttpMatchSpec, second: HttpMatchSpec): HttpMatchSpec | undefined {
  const merged = {
    ...second,
    ...first,
    uri: mergeString(first.uri, second.uri),
    scheme: mergeString(first.scheme, second.scheme),
    method: mergeString(first.method, second.method),
    authority: mergeString(first.authority, second.authority),
    headers: mergeRecord(first.headers, second.headers, mergeString),
    queryParams: mergeRecord(first.queryParams, second.queryParams, mergeString),
    withoutHeaders: mergeRecord(first.withoutHeaders, second.withoutHeaders, eitherOf),
    sourceLabels: mergeRecord(first.sourceLabels, second.sourceLabels, mergeEqual),
    port: mergeEqual(first.port, second.port),
    sourceNamespace: mergeEqual(first.sourceNamespace, second.sourceNamespace),
    gateways: mergeGateways(first.gateways, second.gateways),
  };
  if (Object.values(merged).includes(NEVER)) return undefined;
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as HttpMatchSpec;
}

type Merged<T> = T | undefined | typeof NEVER;

function mergeString(first?: StringMatchSpec, second?: StringMatchSpec): Merged<StringMatchSpec> {
  if (first === undefined || second === undefined) return first ?? second;
  if (isPresence(second)) return first;
  if (isPresence(first)) return second;
  if (first.exact !== undefined) return accepts(second, first.exact) ? first : NEVER;
  if (second.exact !== undefined) return accepts(first, second.exact) ? second : NEVER;
  if (first.prefix === undefined || second.prefix === undefined) return first;
  if (first.prefix.startsWith(second.prefix)) return first;
  return second.prefix.startsWith(first.prefix) ? second : NEVER;
}

function isPresence({ exact, prefix, regex }: StringMatchSpec): boolean {
  return exact === undefined && prefix === undefined && (regex === undefined || regex === '*');
}

function accepts(match: StringMatchSpec, value: string): boolean {
  if (match.exact !== undefined) return match.exact === value;
  if (match.prefix !== undefined) return value.startsWith(match.prefix);
  return RE2JS.compile(match.regex ?? '.*').testExact(value);
}

function mergeEqual<T>(first?: T, second?: T): Merged<T> {
  if (first === undefined || second === undefined) return first ?? second;
  return first === second ? first : NEVER;
}

function mergeGateways(first?: string[], second?: string[]): Merged<string[]> {
  if (first === undefined || second === undefined) return first ?? second;
  const both = first.filter((gateway) => second.includes(gateway));
  return both.length === 0 ? NEVER : both;
}

function mergeRecord<T>(
  first: Record<string, T> | undefined,
  second: Record<string, T> | undefined,
  mergeValue: (first?: T, second?: T) => Merged<T>,
): Merged<Record<string, T>> {
  if (first === undefined || second === undefined) return first ?? second;
  const result: Record<string, T> = {};
  for (const key of new Set([...Object.keys(second), ...Object.keys(first)])) {
    const value = mergeValue(first[key], second[key]);
    if (value === NEVER) return NEVER;
    if (value !== undefined) result[key] = value;
  }
  return result;
}

/** Of two conditions that must both not hold: one that holds when any of them does. */
function eitherOf(first?: StringMatchSpec, second?: StringMatchSpec): StringMatchSpec | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  if (isPresence(first) || isPresence(second)) return {};
  const alternatives = new Set([toRegex(first), toRegex(second)]);
  return alternatives.size === 1 ? first : { regex: [...alternatives].map((regex) => `(?:${regex})`).join('|') };
}

function toRegex({ exact, prefix, regex = '.*' }: StringMatchSpec): string {
  if (exact !== undefined) return RE2JS.quote(exact);
  return prefix === undefined ? regex : `${RE2JS.quote(prefix)}.*`;
}
