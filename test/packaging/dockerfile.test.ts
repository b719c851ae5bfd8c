/** No container engine is at hand where this runs, so the Dockerfile is held against the tree: what it copies and runs exists. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dockerfile = readFileSync(`${root}/Dockerfile`, 'utf8').replace(/\\\n/g, ' ');
const instructions = dockerfile
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))
  .map((line) => ({ name: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }));

describe('the Dockerfile', () => {
  test('copies only what exists in the tree or in an earlier stage', () => {
    const fromTree = instructions
      .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from='))
      .flatMap(({ rest }) => rest.trim().split(/\s+/).slice(0, -1));
    expect(fromTree.length).toBeGreaterThan(0);
    expect(fromTree.filter((path) => !existsSync(`${root}/${path}`))).toEqual([]);
    const stages = instructions.filter(({ name }) => name === 'FROM').map(({ rest }) => rest.split(' AS ')[1]);
    const sources = instructions.flatMap(({ rest }) => /^--from=(\S+)/.exec(rest)?.[1] ?? []);
    expect(sources.filter((stage) => !stages.includes(stage))).toEqual([]);
  });

  test('runs the launcher that package.json names, and builds with the configuration that exists', () => {
    const entrypoint = instructions.find(({ name }) => name === 'ENTRYPOINT')?.rest ?? '';
    const { bin } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { bin: Record<string, string> };
    expect(JSON.parse(entrypoint)).toEqual(['node', bin.sluice]);
    expect(dockerfile).toContain('tsc -p tsconfig.build.json');
    expect(existsSync(`${root}/tsconfig.build.json`)).toBe(true);
  });

  test('runs as nobody in particular, and checks its health', () => {
    const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
    expect(last.find(({ name }) => name === 'USER')?.rest).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(last.some(({ name }) => name === 'HEALTHCHECK')).toBe(true);
  });
});
