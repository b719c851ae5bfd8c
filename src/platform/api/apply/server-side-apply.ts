/**
 * Server-side apply: what a manager applies is merged into the live object; fields it applied before and no longer does are removed,
 * unless another manager owns them too; a field that another manager owns with another value is a conflict.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */

import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../../../kube/kube-client.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { Schema } from '../kind.ts';
import { leavesOf, valueAtElements } from './changed-fields.ts';
import { difference, type FieldSet, fieldsOf } from './field-set.ts';
import { isSameManager, type Manager, managersOf, withoutFields } from './managed-fields.ts';
import { mergeBySchema, removeFields } from './merge-by-schema.ts';

export type ServerSideApply = {
  /** What is stored; absent when the apply creates. */
  live: KubeObject | undefined;
  applied: KubeObject;
  manager: string;
  /** Take fields over from other managers. */
  force: boolean;
  subresource?: string;
  schema: Schema;
  /** RFC 3339, for `managedFields`. */
  at: string;
};

/** @returns the new object with its managedFields; when `conflicts` is not empty, nothing may be stored */
export function applyServerSide(request: ServerSideApply): { object: KubeObject; conflicts: StatusCause[] } {
  const { live, manager, force, subresource, schema, at } = request;
  const applied = withoutServerFields(request.applied);
  const self = { manager, operation: 'Apply', ...(subresource ? { subresource } : {}) } as const;
  const before = managersOf(live);
  const own = before.find((entry) => isSameManager(entry, self));
  const others = before.filter((entry) => entry !== own);
  const fieldsV1 = fieldsOf(applied, schema);

  const disputed = others.flatMap((entry) => disputesWith(entry, { live, applied, fieldsV1, schema }));
  if (disputed.length > 0 && !force) return { object: live ?? applied, conflicts: disputed.map(({ cause }) => cause) };

  const merged = live === undefined ? applied : mergeBySchema(live, applied, schema);
  const given = own === undefined ? {} : difference(own.fieldsV1, fieldsV1);
  const removed = others.reduce((set, entry) => difference(set, entry.fieldsV1), given);
  const object = removeFields(merged, removed, schema) as KubeObject;

  const taken = disputed.reduce<Manager[]>((managers, { path }) => withoutFields(managers, setOf(path)), others);
  const unchanged =
    own !== undefined && isDeepStrictEqual(own.fieldsV1, fieldsV1) && own.apiVersion === applied.apiVersion;
  const time = unchanged ? (own.time ?? at) : at;
  const entry: Manager = { ...self, apiVersion: applied.apiVersion, time, fieldsType: 'FieldsV1', fieldsV1 };
  return { object: { ...object, metadata: { ...object.metadata, managedFields: [...taken, entry] } }, conflicts: [] };
}

type Dispute = { path: string[]; cause: StatusCause };

function disputesWith(
  entry: Manager,
  context: { live: KubeObject | undefined; applied: KubeObject; fieldsV1: FieldSet; schema: Schema },
): Dispute[] {
  const { live, applied, fieldsV1, schema } = context;
  return leavesOf(fieldsV1)
    .filter((path) => owns(entry.fieldsV1, path))
    .filter((path) => !isDeepStrictEqual(valueAtElements(live, path, schema), valueAtElements(applied, path, schema)))
    .map((path) => {
      const by = entry.subresource === undefined ? '' : ` with subresource "${entry.subresource}"`;
      // Who updates says nothing of the fields it owns, so that version and time are what tells its entries apart.
      const since = entry.time === undefined ? '' : ` at ${entry.time}`;
      const using = entry.operation === 'Update' ? ` using ${entry.apiVersion}${since}` : '';
      const message = `conflict with "${entry.manager}"${by}${using}`;
      return { path, cause: { reason: 'FieldManagerConflict', message, field: pathText(path) } };
    });
}

function owns(set: FieldSet, path: readonly string[]): boolean {
  let inside: FieldSet | undefined = set;
  for (const element of path) inside = inside?.[element];
  return inside !== undefined;
}

function setOf(path: readonly string[]): FieldSet {
  return path.reduceRight<FieldSet>((inside, element) => ({ [element]: inside }), {});
}

/** `.spec.template.spec.containers[name="app"].image`, as the real server names fields in conflicts. */
function pathText(path: readonly string[]): string {
  return path
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
      const keys = JSON.parse(element.slice(2)) as Record<string, unknown>;
      return `[${Object.entries(keys)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    })
    .join('');
}

/** An applied configuration may not carry managedFields, and says nothing about what the server writes. */
function withoutServerFields(applied: KubeObject): KubeObject {
  const {
    managedFields: _managed,
    resourceVersion: _version,
    creationTimestamp: _created,
    ...metadata
  } = applied.metadata;
  return { ...applied, metadata };
}
