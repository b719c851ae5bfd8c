/** The request cases, given and own ones, in one shape: bytes, what the client must see, and what the service never may. */

import { readFileSync } from 'node:fs';
import { OWN_REQUEST_CASES, type OwnRequestCase } from './own-request-cases.ts';

export type RequestCase = {
  id: string;
  title: string;
  bytes: Buffer;
  /** How many answers come when the connection stays open. */
  answers: number;
  closes: boolean;
  allows(statuses: readonly number[]): boolean;
  /** Of what a service gets as a whole request, lower case in names. */
  never: readonly RegExp[];
  must: RegExp | undefined;
};

type GivenCase = { id: string; cls: string; bytes_base64: string; expect: string; upstream_never: string };

/** Where the row leaves a choice, or the decisions of the project are others: the statuses that are right here. */
const DECIDED: Readonly<Record<string, { statuses: number[]; reason: string }>> = {
  D01: { statuses: [200], reason: 'trailers are dropped, whatever they say' },
  D02: { statuses: [200], reason: 'trailers are dropped, whatever they say' },
  E19: { statuses: [200], reason: 'Istio allows 60 KiB of headers, in one field too' },
  F10: { statuses: [200], reason: 'a fragment is taken off, as Envoy does' },
  F39: { statuses: [200], reason: 'a backslash becomes a slash before anybody looks at the path, as in Envoy' },
  F45: { statuses: [200], reason: 'escapes of other than unreserved characters pass as they are' },
  G01: {
    statuses: [200, 200],
    reason: 'another upgrade than WebSocket is ignored, so both requests are ordinary ones',
  },
};

/** Given cases with a second request behind the first. */
const TWO_ANSWERS = new Set(['A22', 'B27', 'G01', 'G09', 'G11']);

/** The request that the cases hide in bodies and behind closed connections. */
const SMUGGLED = /^GET \/evil /;

/** Where the words of `upstream_never` have no pattern in backquotes, or the wrong one for this proxy. */
const NEVER: Readonly<Record<string, readonly RegExp[]>> = {
  A04: [/content-length[\s\S]*content-length/],
  A12: [/content-length: *\r/],
  C09: [/a="b;c"/],
  D09: [/__proto__/],
  E24: [],
  E25: [/keep-alive|proxy-connection|\r\nte:/],
  F08: [/host: a\.test/, /^GET http/],
  F09: [/^GET http/],
  // Says that the method is not folded; it is refused instead.
  F22: [],
  F35: [/\.\./],
  F36: [/\.\.|%2e/i],
  F42: [/\r\nx-evil/],
  G01: [],
  G18: [/admin\.test|for=127|x-real-ip|x-forwarded-proto: https/],
};

export function requestCases(): RequestCase[] {
  const file = new URL('h1-cases.json', import.meta.url);
  const given = JSON.parse(readFileSync(file, 'utf8')) as GivenCase[];
  return [...given.map(fromGiven), ...OWN_REQUEST_CASES.map(fromOwn)];
}

function fromGiven(row: GivenCase): RequestCase {
  const own = DECIDED[row.id];
  const answers = TWO_ANSWERS.has(row.id) ? 2 : 1;
  return {
    id: row.id,
    title: `${row.id} ${row.cls}: ${row.expect}`,
    bytes: Buffer.from(row.bytes_base64, 'base64'),
    answers,
    closes: own === undefined && /close/.test(row.expect) && !/^200 \(pass\)/.test(row.expect),
    allows: own === undefined ? allowing(row.expect, answers) : (seen) => seen.join() === own.statuses.join(),
    never: NEVER[row.id] ?? quotedIn(row.upstream_never),
    must: undefined,
  };
}

function fromOwn({ id, bytes, expect, answers = 1, never, must }: OwnRequestCase): RequestCase {
  return {
    id,
    title: `${id}: ${expect}`,
    bytes: Buffer.from(bytes, 'latin1'),
    answers,
    closes: /close/.test(expect),
    allows: allowing(expect, answers),
    never: [SMUGGLED, ...(never === undefined ? [] : [never])],
    must,
  };
}

/** What the words of a row allow: `400 or 413, close`, `200, then 400 + close`. */
function allowing(expect: string, answers: number): (seen: readonly number[]) => boolean {
  const text = expect.replace(/\(.*?\)/g, '');
  const statuses = [...text.matchAll(/\b([2-5]\d\d)\b/g)].map(([, status]) => Number(status));
  if (/then \d/.test(text)) return (seen) => seen.join() === statuses.join();
  return (seen) => seen.length === answers && seen.every((status) => statuses.includes(status));
}

function quotedIn(words: string): RegExp[] {
  const quoted = [...words.replace(/\(.*?\)/g, '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
  return quoted.map((text) =>
    text === '/evil' ? SMUGGLED : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i'),
  );
}
