/**
 * What one change means to one watch: a watch with selectors sees an object appear when it starts to match and disappear when
 * it no longer does, whatever really happened to it.
 */

import type { KubeObject } from '../../../lib/resource.ts';
import type { Change, ChangeType, StoredObject } from '../store/stored-object.ts';

export type Seen = { type: ChangeType; stored: StoredObject };

export function seenAs(change: Change, matches: (stored: StoredObject) => boolean): Seen | undefined {
  const { current, previous } = change;
  const matched = previous !== undefined && matches(previous);
  if (change.type === 'DELETED') return matched ? { type: 'DELETED', stored: current } : undefined;
  if (matches(current)) return { type: matched ? 'MODIFIED' : 'ADDED', stored: current };
  return matched && previous !== undefined ? { type: 'DELETED', stored: asOf(previous, change.version) } : undefined;
}

/** The last state that matched, under the version at which it ceased to. */
function asOf({ resource, object }: StoredObject, version: number): StoredObject {
  const metadata = { ...object.metadata, resourceVersion: `${version}` };
  const left: KubeObject = { ...object, metadata };
  const { apiVersion, kind, ...rest } = left;
  return { resource, object: left, text: JSON.stringify({ apiVersion, kind, ...rest }), version };
}
