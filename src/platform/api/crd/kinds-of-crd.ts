/** The kinds that a CustomResourceDefinition adds: one per served version. */

import type { KubeObject } from '../../../lib/resource.ts';
import { type Fields, fieldsAt, isFields, listAt, textAt } from '../builtin/field-access.ts';
import type { KindDefinition, ScaleSubresource, Schema } from '../kind.ts';
import { columnsOfVersion } from './crd-columns.ts';

/** In the order of the real server's discovery documents, which is another one than for built-in kinds. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** @param crd a defaulted and valid CustomResourceDefinition */
export function kindsOfCrd(crd: KubeObject): readonly KindDefinition[] {
  return listAt(crd, 'spec', 'versions')
    .filter(({ served }) => served === true)
    .map((version) => kindOfVersion(crd, version));
}

function kindOfVersion(crd: KubeObject, version: Fields): KindDefinition {
  const names = fieldsAt(crd, 'spec', 'names');
  const kind = textAt(names, 'kind') ?? '';
  const scale = fieldsAt(version, 'subresources').scale;
  return {
    type: {
      group: textAt(crd, 'spec', 'group') ?? '',
      version: textAt(version, 'name') ?? '',
      kind,
      plural: textAt(names, 'plural') ?? '',
      namespaced: textAt(crd, 'spec', 'scope') === 'Namespaced',
    },
    singular: textAt(names, 'singular') || kind.toLowerCase(),
    listKind: textAt(names, 'listKind') || `${kind}List`,
    shortNames: textsAt(names, 'shortNames'),
    categories: textsAt(names, 'categories'),
    verbs: VERBS,
    hasStatus: isFields(fieldsAt(version, 'subresources').status),
    ...(isFields(scale) ? { scale: scaleOf(scale) } : {}),
    schema: schemaOf(version),
    columns: columnsOfVersion(version),
    strategicMerge: false,
    prunes: crd.spec === undefined || fieldsAt(crd, 'spec').preserveUnknownFields !== true,
  };
}

function schemaOf(version: Fields): Schema {
  const schema = fieldsAt(version, 'schema').openAPIV3Schema;
  return isFields(schema) ? (schema as Schema) : { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
}

function scaleOf(scale: Fields): ScaleSubresource {
  const path = (name: string) => (textAt(scale, name) ?? '').split('.').filter((step) => step !== '');
  const selector = path('labelSelectorPath');
  return {
    specReplicasPath: path('specReplicasPath'),
    statusReplicasPath: path('statusReplicasPath'),
    ...(selector.length > 0 ? { labelSelectorPath: selector } : {}),
  };
}

function textsAt(fields: Fields, name: string): string[] {
  const list = fields[name];
  return Array.isArray(list) ? list.map(String) : [];
}
