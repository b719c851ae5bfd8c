/** A CustomResourceDefinition is served as soon as it is stored, so that its conditions are true from the start. */

import { toRfc3339 } from '../../../lib/clock.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { fieldsAt, listAt, textAt } from '../builtin/field-access.ts';
import type { KindRule } from './kind-rule.ts';

export const crdRule: KindRule = {
  prepare(crd, { clock }) {
    const now = toRfc3339(clock.now());
    crd.status = {
      conditions: [
        condition('NamesAccepted', { reason: 'NoConflicts', message: 'no conflicts found', now }),
        condition('Established', {
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
          now,
        }),
      ],
      acceptedNames: fieldsAt(crd, 'spec', 'names'),
      storedVersions: [storageVersionOf(crd)],
    };
  },
  check: refuseTakenNames,
  prepareUpdate(crd, old) {
    const stored = (fieldsAt(old, 'status').storedVersions as string[] | undefined) ?? [];
    crd.status = {
      ...fieldsAt(old, 'status'),
      acceptedNames: fieldsAt(crd, 'spec', 'names'),
      storedVersions: [...new Set([...stored, storageVersionOf(crd)])],
    };
  },
};

/** Two definitions of one kind in one group would make discovery ambiguous; a real server keeps the second one unserved. */
function refuseTakenNames(crd: KubeObject, { kinds }: ApiContext) {
  const group = textAt(crd, 'spec', 'group');
  const kind = textAt(crd, 'spec', 'names', 'kind');
  const taken = kinds.all.find(
    ({ type }) => type.group === group && type.kind === kind && `${type.plural}.${type.group}` !== crd.metadata.name,
  );
  if (taken === undefined) return [];
  const message = `Invalid value: ${JSON.stringify(kind)}: ${JSON.stringify(kind)} is already in use by ${taken.type.plural}.${taken.type.group}`;
  return [{ reason: 'FieldValueInvalid', message, field: 'spec.names.kind' }];
}

function storageVersionOf(crd: KubeObject): string {
  const storage = listAt(crd, 'spec', 'versions').find((version) => version.storage === true);
  return textAt(storage, 'name') ?? '';
}

function condition(type: string, { reason, message, now }: { reason: string; message: string; now: string }) {
  return { type, status: 'True', lastTransitionTime: now, reason, message };
}
