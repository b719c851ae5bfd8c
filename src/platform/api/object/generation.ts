/** `metadata.generation` counts the wishes for an object: it grows when anything but metadata and status changes. */

import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../lib/resource.ts';
import type { KindDefinition } from '../kind.ts';
import { isBuiltIn } from '../kind-registry.ts';

/** Built-in kinds that count; the others of the core group never did. */
const COUNTING = new Set([
  'Pod',
  'Deployment',
  'ReplicaSet',
  'DaemonSet',
  'StatefulSet',
  'EndpointSlice',
  'CustomResourceDefinition',
]);

export function countsGenerations(kind: KindDefinition): boolean {
  return !isBuiltIn(kind) || COUNTING.has(kind.type.kind);
}

/** The generation after a change from `old` to `next`. */
export function nextGeneration(kind: KindDefinition, next: KubeObject, old: KubeObject): number | undefined {
  const { generation } = old.metadata;
  if (generation === undefined || !countsGenerations(kind)) return generation;
  return isDeepStrictEqual(wishOf(kind, next), wishOf(kind, old)) ? generation : generation + 1;
}

function wishOf(kind: KindDefinition, object: KubeObject): unknown {
  const { metadata: _metadata, apiVersion: _apiVersion, status, ...wish } = object;
  // A Deployment's annotations are copied to its ReplicaSets, so they count as well.
  const annotations =
    kind.type.kind === 'Deployment' && kind.rules !== undefined ? object.metadata.annotations : undefined;
  return kind.hasStatus ? { ...wish, annotations } : { ...wish, status };
}
