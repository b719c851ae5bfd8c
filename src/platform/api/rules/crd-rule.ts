/** A CustomResourceDefinition is served as soon as it is stored, so that its conditions are true from the start. */

import { toRfc3339 } from '../../../lib/clock.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { fieldsAt, isFields, listAt, textAt } from '../builtin/field-access.ts';
import { invalid } from '../schema/causes.ts';
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
  warnings: unevaluatedRules,
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
  const why = `${JSON.stringify(kind)} is already in use by ${taken.type.plural}.${taken.type.group}`;
  return [invalid('spec.names.kind', kind, why)];
}

/** Better said once too often than a rule that somebody trusts in. */
function unevaluatedRules(crd: KubeObject): string[] {
  return listAt(crd, 'spec', 'versions').flatMap((version) => {
    const count = rulesIn(fieldsAt(version, 'schema').openAPIV3Schema);
    if (count === 0) return [];
    const rules = count === 1 ? '1 rule' : `${count} rules`;
    return [
      `version ${textAt(version, 'name')}: ${rules} of x-kubernetes-validations will be stored but not evaluated by this server`,
    ];
  });
}

function rulesIn(schema: unknown): number {
  if (Array.isArray(schema)) return schema.reduce((sum: number, item) => sum + rulesIn(item), 0);
  if (!isFields(schema)) return 0;
  const own = schema['x-kubernetes-validations'];
  const inside = Object.entries(schema).filter(([name]) => name !== 'default' && name !== 'enum');
  return (Array.isArray(own) ? own.length : 0) + inside.reduce((sum, [, item]) => sum + rulesIn(item), 0);
}

function storageVersionOf(crd: KubeObject): string {
  const storage = listAt(crd, 'spec', 'versions').find((version) => version.storage === true);
  return textAt(storage, 'name') ?? '';
}

function condition(type: string, { reason, message, now }: { reason: string; message: string; now: string }) {
  return { type, status: 'True', lastTransitionTime: now, reason, message };
}
