/** Which groups and versions some kinds belong to, in the order that clients prefer them. */

import type { KindDefinition } from '../kind.ts';

/** Groups in order of first appearance, the core group as ''. */
export function groupsOf(kinds: readonly KindDefinition[]): string[] {
  return [...new Set(kinds.map(({ type }) => type.group))];
}

/**
 * The versions of a group, the preferred one first: stable before beta before alpha, higher numbers first.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
 */
export function versionOrder(kinds: readonly KindDefinition[], group: string): string[] {
  const versions = new Set(kinds.filter(({ type }) => type.group === group).map(({ type }) => type.version));
  return [...versions].sort(compareVersions);
}

export function scaleKindOf(): { group: string; version: string; kind: string } {
  return { group: 'autoscaling', version: 'v1', kind: 'Scale' };
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  if (left === undefined || right === undefined) {
    if (left !== undefined) return -1;
    return right === undefined ? a.localeCompare(b, 'en') : 1;
  }
  return right.stage - left.stage || right.major - left.major || right.minor - left.minor;
}

function rank(version: string): { stage: number; major: number; minor: number } | undefined {
  const found = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  if (found === null) return undefined;
  const stage = found[2] === undefined ? 3 : found[2] === 'beta' ? 2 : 1;
  return { stage, major: Number(found[1]), minor: Number(found[3] ?? 0) };
}
