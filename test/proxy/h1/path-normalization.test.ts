/** The forms of a path by MeshConfig's modes: Istio's own rows (test/conformance/istio), and what stands next to them. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { PathNormalization } from '../../../src/mesh/table/request-reading.ts';
import { DEFAULT_LIMITS } from '../../../src/proxy/data-path.ts';
import { RequestHead } from '../../../src/proxy/h1/request-head.ts';

type Row = { mode: PathNormalization; in: string; out: string };

const rows = JSON.parse(
  readFileSync(new URL('../../conformance/istio/path-normalization.json', import.meta.url), 'utf8'),
) as Row[];

/** The path as it is forwarded; a number is the status of a refusal. */
function read(target: string, paths: PathNormalization): string | number {
  const head = new RequestHead(DEFAULT_LIMITS, { paths });
  const bytes = Buffer.from(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`, 'latin1');
  const end = head.parse(bytes, 0, bytes.length);
  return end < 0 ? -end : head.path;
}

test.each(rows)("$mode makes $out of Istio's $in", ({ mode, in: target, out }) => {
  expect(read(target, mode)).toBe(out);
});

const MODES = ['NONE', 'BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES'] as const;

describe.each<[target: string, ...expected: (string | number)[]]>([
  // NONE, BASE, MERGE_SLASHES, DECODE_AND_MERGE_SLASHES
  ['/', '/', '/', '/', '/'],
  ['//', '//', '//', '/', '/'],
  ['/a///b//', '/a///b//', '/a///b//', '/a/b/', '/a/b/'],
  ['/a//../b', '/a//../b', '/a/b', '/a/b', '/a/b'],
  ['/a\\\\b', '/a\\\\b', '/a//b', '/a/b', '/a/b'],
  ['/a%2F%2fb', '/a%2F%2fb', '/a%2F%2fb', '/a%2F%2fb', '/a/b'],
  ['/a%5C..%5cb', '/a%5C..%5cb', '/a%5C..%5cb', '/a%5C..%5cb', '/b'],
  ['/a%2f..%2F..%2f..', '/a%2f..%2F..%2f..', '/a%2f..%2F..%2f..', '/a%2f..%2F..%2f..', '/'],
  ['/a%252fb', '/a%252fb', '/a%252fb', '/a%252fb', '/a%252fb'],
  ['/a//b?c//d%2Fe\\..', '/a//b?c//d%2Fe\\..', '/a//b?c//d%2Fe\\..', '/a/b?c//d%2Fe\\..', '/a/b?c//d%2Fe\\..'],
  ['/a?b#c', '/a?b', '/a?b', '/a?b', '/a?b'],
  ['/a#b?c', '/a', '/a', '/a', '/a'],
  ['/%61//b', '/%61//b', '/a//b', '/a/b', '/a/b'],
  ['/%00', '/%00', 400, 400, 400],
  ['/a?b%00', '/a?b%00', '/a?b%00', '/a?b%00', '/a?b%00'],
  ['http://b//c/./d', '//c/./d', '//c/d', '/c/d', '/c/d'],
  ['*', 400, 400, 400, 400],
])('%s', (target, ...expected) => {
  test.each(MODES.map((mode, index) => [mode, expected[index]] as const))('by %s is %s', (mode, wanted) => {
    expect(read(target, mode)).toBe(wanted);
  });
});
