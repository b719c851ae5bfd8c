/** The differences from Envoy that we keep: the runner's list and the page with the reasons say the same, about cases that exist. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCases } from './envoy/cases.ts';
import { LISTED_DIFFERENCES } from './envoy/listed-differences.ts';

const page = readFileSync(new URL('../../docs/decisions/envoy-differences.md', import.meta.url), 'utf8');

test('every listed difference is about a recorded case', () => {
  const names = new Set(readCases().cases.map(({ name }) => name));
  expect(Object.keys(LISTED_DIFFERENCES).filter((name) => !names.has(name))).toEqual([]);
});

test('every listed difference stands on the page with what we do', () => {
  const rows = new Map([...page.matchAll(/^\| ([a-z0-9-]+) \| (.*?) \|/gm)].map(([, name, text]) => [name, text]));
  rows.delete('case');
  expect(Object.fromEntries(rows)).toEqual(LISTED_DIFFERENCES);
});
