/** How a route changes the path of a request, made ready once per table (envoy-facts: Rewrite). The query is never touched. */

import { RE2JS } from 're2js';
import type { PathRewrite } from './route-table.ts';

/** From path with query to path with query; `undefined`: nothing would be left of the path, and it stays as it is. */
export type PathRewriter = (target: string) => string | undefined;

/** @throws when the regular expression is not valid RE2 */
export function buildPathRewriter(rewrite: PathRewrite): PathRewriter {
  switch (rewrite.kind) {
    case 'prefix':
      return onPath((path) => rewrite.to + path.slice(rewrite.prefix.length));
    case 'whole':
      return onPath(() => rewrite.to);
    case 'regex':
      return buildRegexRewriter(rewrite);
    default:
      return rewrite satisfies never;
  }
}

function buildRegexRewriter({ pattern, to }: Extract<PathRewrite, { kind: 'regex' }>): PathRewriter {
  const regex = RE2JS.compile(pattern);
  const parts = replaceable(to).split(/(\\[0-9\\])/);
  const groupMost = Math.max(0, ...parts.flatMap((part) => (/^\\[0-9]$/.test(part) ? [Number(part[1])] : [])));
  // A group that the expression does not have leaves the path as it is.
  if (groupMost > regex.groupCount()) return (target) => target;
  return onPath((path) => {
    const matcher = regex.matcher(path);
    let result = '';
    let end = 0;
    while (matcher.find()) {
      // As in RE2, nothing is not found directly behind something: `.*` is found once.
      if (matcher.end() === end && end > 0) continue;
      result += path.slice(end, matcher.start());
      for (const part of parts) result += textOf(part, matcher);
      end = matcher.end();
    }
    return result + path.slice(end);
  });
}

// RE2 stops writing at a backslash that stands for nothing.
function replaceable(to: string): string {
  return /^(?:[^\\]|\\[0-9\\])*/.exec(to)?.[0] ?? '';
}

/** `\1` is a group, two backslashes are one, and everything else is what it is. */
function textOf(part: string, matcher: { group(index: number): string | null }): string {
  if (!part.startsWith('\\') || part.length !== 2) return part;
  return part === '\\\\' ? '\\' : (matcher.group(Number(part[1])) ?? '');
}

function onPath(change: (path: string) => string): PathRewriter {
  return (target) => {
    const queryAt = target.indexOf('?');
    const path = change(queryAt === -1 ? target : target.slice(0, queryAt));
    if (path === '') return undefined;
    return queryAt === -1 ? path : path + target.slice(queryAt);
  };
}
