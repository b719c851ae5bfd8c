/** The paths of some kinds: just what clients look for, which is whether PATCH knows `dryRun` and `fieldValidation`. */

import type { KindDefinition } from '../kind.ts';

export type OperationWriter = (kind: KindDefinition, action: 'get' | 'patch' | 'post') => object;

/** @returns paths by URL template, collection and item of each kind */
export function pathsOf(kinds: readonly KindDefinition[], operation: OperationWriter): Record<string, object> {
  return Object.fromEntries(
    kinds.flatMap((kind) => {
      const { group, version, plural, namespaced } = kind.type;
      const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      const collection = `${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;
      return [
        [collection, { get: operation(kind, 'get'), post: operation(kind, 'post') }],
        [`${collection}/{name}`, { get: operation(kind, 'get'), patch: operation(kind, 'patch') }],
      ];
    }),
  );
}

export function groupVersionKind({ type }: KindDefinition): { group: string; version: string; kind: string } {
  return { group: type.group, version: type.version, kind: type.kind };
}

/** The query parameters that kubectl checks before it uses them. */
export const WRITE_PARAMETERS: Record<string, string> = {
  dryRun: 'Process the request without storing the result; the only value is All.',
  fieldManager: 'The name of the actor that makes the change.',
  fieldValidation: 'What happens to unknown and repeated fields: Ignore, Warn or Strict.',
};
