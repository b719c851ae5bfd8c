/** The cache may lag behind what was written here; deciding on the older object would decide twice, or about pods that go already. */

import { type KubeObject, objectKey, type ResourceType } from '../lib/resource.ts';

/** Objects as the server answered a write, by `Kind namespace/name`, until the cache has caught up. */
export type Ahead = Map<string, KubeObject>;

export function remember(ahead: Ahead, { kind }: ResourceType, answer: KubeObject): void {
  ahead.set(`${kind} ${objectKey(answer.metadata)}`, answer);
}

/** @returns the cached object, or what was written here since */
export function newest<T extends KubeObject>(
  ahead: Ahead,
  { kind }: ResourceType,
  cached: T | undefined,
): T | undefined {
  if (cached === undefined) return undefined;
  const key = `${kind} ${objectKey(cached.metadata)}`;
  const own = ahead.get(key);
  if (own === undefined) return cached;
  if (isNewer(own, cached)) return own as T;
  ahead.delete(key);
  return cached;
}

/** The same object, not another one of that name, at a later version. */
export function isNewer(own: KubeObject, cached: KubeObject): boolean {
  return own.metadata.uid === cached.metadata.uid && versionOf(own) > versionOf(cached);
}

function versionOf({ metadata }: KubeObject): bigint {
  return /^\d+$/.test(metadata.resourceVersion ?? '') ? BigInt(metadata.resourceVersion ?? '0') : 0n;
}
