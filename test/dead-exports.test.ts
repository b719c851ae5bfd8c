/** Nothing is kept that nobody uses: every file of src/, and every function, class and constant that it exports, has a user. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What only tests use, and why it is there all the same. */
const FOR_TESTS: Record<string, string> = {
  'src/mesh/table/built-table.ts#buildTable': 'a whole table in one step; the proxy builds the same in slices',
  'src/mesh/table/route-table.ts#EMPTY_TABLE': 'where every table begins',
  'src/platform/metrics-store/promql/print.ts': 'half of the law that printing and parsing are inverse',
};

const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
    .map((path) => join(folder, path));

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

const textOf = new Map(
  ['src', 'scripts', 'bench', 'examples']
    .flatMap(filesOf)
    .map((path) => [path, withoutComments(readFileSync(join(root, path), 'utf8'))]),
);

/** `FILE#NAME` of everything that a file takes from another one; `FILE#*` when it takes all of it. */
function* importsOf(path: string, text: string): Generator<string> {
  const target = (specifier: string) => relative(root, resolve(root, dirname(path), specifier));
  for (const [, names = '', from = ''] of text.matchAll(
    /(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*'(\.[^']+)'/g,
  )) {
    for (const name of names.split(','))
      yield `${target(from)}#${
        name
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/)[0]
      }`;
  }
  for (const [, from = ''] of text.matchAll(/import\s+\*\s+as\s+\w+\s+from\s*'(\.[^']+)'/g)) yield `${target(from)}#*`;
  for (const [, from = ''] of text.matchAll(/\bimport\('(\.[^']+)'\)/g)) yield `${target(from)}#*`;
}

const imported = new Set([...textOf].flatMap(([path, text]) => [...importsOf(path, text)]));

const isUsed = (path: string, name: string): boolean =>
  imported.has(`${path}#${name}`) ||
  imported.has(`${path}#*`) ||
  1 < [...(textOf.get(path) ?? '').matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length;

const sources = [...textOf].filter(([path]) => path.startsWith('src/'));

const unusedExports = sources.flatMap(([path, text]) =>
  [...text.matchAll(/^export\s+(?:async\s+)?(?:function\*?|const|let|class)\s+(\w+)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => !isUsed(path, name))
    .map((name) => `${path}#${name}`),
);

/** Files in src/main/ are where processes begin. */
const unusedFiles = sources
  .map(([path]) => path)
  .filter((path) => !path.startsWith('src/main/') && ![...imported].some((name) => name.startsWith(`${path}#`)));

const unused = [...unusedExports, ...unusedFiles];

test('everything exported has a user outside the tests, or a reason to be there', () => {
  expect(unused.filter((name) => FOR_TESTS[name] === undefined)).toEqual([]);
});

test('every reason is still needed', () => {
  expect(Object.keys(FOR_TESTS).filter((name) => !unused.includes(name))).toEqual([]);
});
