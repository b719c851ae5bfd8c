/** An object as the store holds it, and what happened to it: both carry the JSON text, so that it is written once and sent many times. */

import { apiVersionOf, type KubeObject, type ResourceType } from '../../../lib/resource.ts';
import { eventIn } from './event-versions.ts';

/** `plural.group`: where an object lives whatever the version it is asked for in. */
export type ResourceId = string;

export type StoredObject = {
  readonly resource: ResourceId;
  /** Never changed in place: readers share it. */
  readonly object: KubeObject;
  readonly text: string;
  readonly version: number;
};

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One entry of the log; `version` is its id and thereby the resource version. */
export type Change = {
  readonly type: ChangeType;
  readonly version: number;
  readonly current: StoredObject;
  readonly previous?: StoredObject;
};

export function resourceIdOf({ group, plural }: Pick<ResourceType, 'group' | 'plural'>): ResourceId {
  if (group === 'events.k8s.io') return 'events';
  return group === '' ? plural : `${plural}.${group}`;
}

/** The text of an object in a version of its group: versions of one kind share their fields, so that only the name changes. */
export function textIn(stored: StoredObject, type: ResourceType): string {
  const wanted = apiVersionOf(type);
  const { apiVersion } = stored.object;
  if (apiVersion === wanted) return stored.text;
  if (isEvent(stored)) return serialise(objectIn(stored, type));
  return `${headOf(wanted)}${stored.text.slice(headOf(apiVersion).length)}`;
}

/** The object in a version of its group. */
export function objectIn(stored: StoredObject, type: ResourceType): KubeObject {
  const wanted = apiVersionOf(type);
  if (stored.object.apiVersion === wanted) return stored.object;
  return isEvent(stored) ? eventIn(stored.object, wanted) : { ...stored.object, apiVersion: wanted };
}

/** Events alone are served by two groups, whose fields have other names. */
function isEvent({ resource }: StoredObject): boolean {
  return resource === 'events';
}

/** JSON with `apiVersion` and `kind` first, which `textIn` and human readers rely on. */
export function serialise({ apiVersion, kind, metadata, ...rest }: KubeObject): string {
  return JSON.stringify({ apiVersion, kind, metadata, ...rest });
}

function headOf(apiVersion: string): string {
  return `{"apiVersion":${JSON.stringify(apiVersion)}`;
}
