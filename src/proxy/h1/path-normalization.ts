/** The forms of a path that MeshConfig's `pathNormalization` may ask for (istio.md 8.4). */

import type { PathNormalization } from '../../mesh/table/request-reading.ts';
import { normaliseTarget } from './target.ts';

/**
 * Path and query in the form in which they are matched and forwarded. A fragment is never sent to a server (RFC 9110 §7.1), so it
 * is gone in every form.
 *
 * @returns `undefined` for what `normaliseTarget` refuses
 */
export function normalisePath(target: string, mode: PathNormalization): string | undefined {
  switch (mode) {
    case 'NONE':
      return target.split('#', 1)[0];
    case 'BASE':
      return normaliseTarget(target);
    case 'MERGE_SLASHES':
      return mergeSlashes(normaliseTarget(target));
    case 'DECODE_AND_MERGE_SLASHES':
      return mergeSlashes(normaliseTarget(changePath(target, decodeSlashes)));
    default:
      return mode satisfies never;
  }
}

// Before anything else, so that dot segments between them are found.
function decodeSlashes(path: string): string {
  return path.replace(/%2f/gi, '/').replace(/%5c/gi, '\\');
}

// Behind everything else: `/a//../b` is `/a/b`, because the empty segment is the one that goes (RFC 3986 §5.2.4).
function mergeSlashes(target: string | undefined): string | undefined {
  return target === undefined ? undefined : changePath(target, (path) => path.replace(/\/{2,}/g, '/'));
}

/** What stands behind a `?` is left alone. */
function changePath(target: string, change: (path: string) => string): string {
  const end = target.search(/[?#]/);
  return end === -1 ? change(target) : change(target.slice(0, end)) + target.slice(end);
}
