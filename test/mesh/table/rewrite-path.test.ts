import { describe, expect, test } from 'vitest';
import { buildPathRewriter } from '../../../src/mesh/table/rewrite-path.ts';
import type { PathRewrite } from '../../../src/mesh/table/route-table.ts';

const prefix = (from: string, to: string): PathRewrite => ({ kind: 'prefix', prefix: from, to });
const regex = (pattern: string, to: string): PathRewrite => ({ kind: 'regex', pattern, to });
const whole = (to: string): PathRewrite => ({ kind: 'whole', to });

describe('a rewrite', () => {
  test.each<[string, PathRewrite, string, string | undefined]>([
    ['replaces a prefix and keeps the rest literally', prefix('/a', '/'), '/a/b', '//b'],
    ['does not care where segments end', prefix('/old', '/new'), '/oldx', '/newx'],
    ['without a uri match replaces the leading slash', prefix('/', '/all'), '/x/y', '/allx/y'],
    ['keeps the query', prefix('/a', '/b'), '/a?x=1', '/b?x=1'],
    ['does not merge a query of the target', prefix('/a', '/b?fixed=1'), '/a?x=1', '/b?fixed=1?x=1'],
    ['replaces a prefix in any case by its length', prefix('/ABC', '/x'), '/abc/d', '/x/d'],
    ['of the whole path keeps the query', whole('/new'), '/a/b?x=/a', '/new?x=/a'],
    ['by expression replaces every occurrence in the path', regex('a+', 'b'), '/aa/a?a', '/b/b?a'],
    ['by expression knows groups', regex('^/(\\w+)/(\\w+)', '/\\2/\\1'), '/x/y/z', '/y/x/z'],
    ['by expression knows the whole match', regex('\\d+', '<\\0>'), '/7/8', '/<7>/<8>'],
    ['by expression takes a dollar literally', regex('x', '$1'), '/x', '/$1'],
    ['by expression leaves a path alone that does not match', regex('^/q', '/r'), '/a', '/a'],
    ['with a group that is not there leaves the path alone', regex('/a', '/\\1'), '/a', '/a'],
    ['by expression is found once when it takes everything', regex('.*', '/w'), '/a/b?x', '/w?x'],
    ['by expression finds nothing behind something only once', regex('b*', '-'), '/abc', '-/-a-c-'],
    ['that leaves nothing of the path leaves it alone', regex('^/.*', ''), '/a?x', undefined],
    ['by expression knows an escaped backslash', regex('a', '\\\\1'), '/a', '/\\1'],
    ['by expression may match nothing between characters', regex('z*', '-'), '/a', '-/-a-'],
  ])('%s', (_, rewrite, target, expected) => {
    expect(buildPathRewriter(rewrite)(target)).toBe(expected);
  });

  test('with an expression that is not RE2 cannot be built', () => {
    expect(() => buildPathRewriter(regex('(a', ''))).toThrow();
  });
});
