import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toMermaid } from '../../src/canary/chart-picture.ts';
import { ROLLOUT_STATES } from '../../src/canary/rollout-record.ts';

const page = await readFile(join(import.meta.dirname, '../../docs/rollout.md'), 'utf8');

test('docs/rollout.md shows the chart as it is; put the output of toMermaid() there after a change', () => {
  const picture = /```mermaid\n([\s\S]*?)\n```/.exec(page)?.[1];
  expect(picture).toBe(toMermaid());
});

test('docs/rollout.md says of every state what it wants', () => {
  const described = [...page.matchAll(/^\| ([a-zA-Z]+) \|/gm)]
    .map((match) => match[1])
    .filter((name) => name !== 'State');
  expect(described.sort()).toEqual([...ROLLOUT_STATES].sort());
});
