/** Rules about the code itself: who may import whom, who may read the clock, which package belongs to which room. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** Which room of src/ may import which. Anything not listed is forbidden; `main` may import everything. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  lib: [],
  kube: ['lib'],
  mesh: ['lib'],
  metrics: ['lib'],
  notify: ['lib'],
  canary: ['metrics', 'lib'],
  discovery: ['kube', 'mesh', 'lib'],
  proxy: ['mesh', 'lib'],
  platform: ['kube', 'lib'],
  view: ['canary', 'lib'],
  controller: ['canary', 'mesh', 'metrics', 'kube', 'notify', 'lib'],
  demo: ['view', 'kube', 'lib'],
  cli: ['view', 'kube', 'canary', 'mesh', 'demo', 'lib'],
  dashboard: ['view'],
};

/** Packages that only some rooms may import. */
const PACKAGE_ROOMS: Record<string, readonly string[]> = {
  '@kubernetes/client-node': ['kube'],
  xstate: ['canary', 'metrics'],
  'xstate/graph': ['canary'],
  'node:sqlite': ['platform'],
  'prometheus-query': ['metrics'],
  commander: ['cli'],
  re2js: ['mesh', 'platform'],
  yaml: ['kube', 'cli', 'platform', 'mesh', 'view', 'main'],
};

/** Time, randomness and the environment are arguments everywhere below main/. */
const FORBIDDEN: Record<string, RegExp> = {
  'Date.now': /\bDate\.now\b/,
  'new Date()': /\bnew Date\(\)/,
  'performance.now': /\bperformance\.now\b/,
  'Math.random': /\bMath\.random\b/,
  setTimeout: /\bsetTimeout\(/,
  setInterval: /\bsetInterval\(/,
  'process.env': /\bprocess\.env\b/,
};
const MAY_READ_TIME = ['lib/clock.ts'];

type SourceFile = { path: string; room: string; text: string };

const files: readonly SourceFile[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, room: path.split('/')[0] ?? '', text: readFileSync(join(src, path), 'utf8') }));

const specifiersOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier = '']) => specifier);

const roomOf = (file: SourceFile, specifier: string): string =>
  relative(src, join(src, file.path, '..', specifier)).split('/')[0] ?? '';

const below = files.filter(({ room }) => room !== 'main');

describe('the house', () => {
  test('has only rooms that the import map knows', () => {
    expect([...new Set(below.map(({ room }) => room))].filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });

  test('follows the import map', () => {
    const trespasses = below.flatMap((file) =>
      specifiersOf(file.text)
        .filter((specifier) => specifier.startsWith('.'))
        .filter((specifier) => {
          const to = roomOf(file, specifier);
          return to !== file.room && !MAY_IMPORT[file.room]?.includes(to);
        })
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
    expect(trespasses).toEqual([]);
  });

  test('keeps the proxy out of everything of mesh/ but the table', () => {
    const trespasses = below
      .filter(({ room }) => room === 'proxy')
      .flatMap((file) => specifiersOf(file.text).map((specifier) => ({ file, specifier })))
      .filter(({ specifier }) => specifier.includes('/mesh/') && !specifier.includes('/mesh/table/'))
      .map(({ file, specifier }) => `${file.path} imports ${specifier}`);
    expect(trespasses).toEqual([]);
  });

  test('imports a package only in the rooms that own it', () => {
    const trespasses = below.flatMap((file) =>
      specifiersOf(file.text)
        .filter((specifier) => PACKAGE_ROOMS[specifier] !== undefined && !PACKAGE_ROOMS[specifier].includes(file.room))
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
    expect(trespasses).toEqual([]);
  });

  test('imports files with their ending, and no index files', () => {
    const bad = files.flatMap((file) =>
      specifiersOf(file.text)
        .filter((specifier) => specifier.startsWith('.'))
        .filter((specifier) => !/\.(ts|json)$/.test(specifier) || specifier.endsWith('/index.ts'))
        .map((specifier) => `${file.path} imports ${specifier}`),
    );
    expect(bad).toEqual([]);
  });

  test('reads no clock, no random number and no environment below main/', () => {
    const readings = below
      .filter(({ path }) => !MAY_READ_TIME.includes(path))
      .flatMap(({ path, text }) =>
        withoutComments(text)
          .split('\n')
          .flatMap((line, index) =>
            Object.entries(FORBIDDEN)
              .filter(([, pattern]) => pattern.test(line))
              .map(([name]) => `${path}:${index + 1} uses ${name}`),
          ),
      );
    expect(readings).toEqual([]);
  });
});

/** Blanks comments, keeping the line numbers. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' ')).replace(/^\s*\/\/.*$/gm, '');
}
