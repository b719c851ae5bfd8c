/** The differences from Envoy that we keep: the runner's list and the page with the reasons say the same, about cases that exist. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCases } from './envoy/cases.ts';
import { LISTED_DIFFERENCES, requestName } from './envoy/listed-differences.ts';

const page = readFileSync(new URL('../../docs/decisions/envoy-differences.md', import.meta.url), 'utf8');

test('every listed difference is about a recorded request', () => {
  const recorded = new Set([...readCases().results.values()].flat().map(requestName));
  expect(Object.keys(LISTED_DIFFERENCES).filter((name) => !recorded.has(name))).toEqual([]);
});

test('every listed difference stands on the page with what we do', () => {
  const rows = [...page.matchAll(/^\| ([a-z0-9-]+\[.*?) \| (.*?) \|/gm)].flatMap(([, names = '', text]) =>
    names.split(', ').map((name) => [name, text]),
  );
  expect(Object.fromEntries(rows)).toEqual(LISTED_DIFFERENCES);
});
