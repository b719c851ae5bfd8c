/** The schema of `metadata`: that of every object, whatever a CustomResourceDefinition says about it. */

import { definition } from '../builtin/builtin-schemas.ts';
import type { KindDefinition, Schema } from '../kind.ts';

export function objectMetaSchema(): Schema {
  return definition('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
}

/** The schema of a whole object, with the three fields that every object has. */
export function rootSchema(kind: KindDefinition): Schema {
  return withTypeMeta(kind.schema, objectMetaSchema());
}

/** The schema of an embedded object (`x-kubernetes-embedded-resource`), or of a root. */
export function withTypeMeta(schema: Schema, metadata: Schema): Schema {
  const text: Schema = { type: 'string' };
  return { ...schema, properties: { ...schema.properties, apiVersion: text, kind: text, metadata } };
}
