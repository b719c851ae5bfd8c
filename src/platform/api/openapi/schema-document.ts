/** The schemas of some kinds as named definitions: built-in ones under Kubernetes' own names, custom ones inline. */

import { definitionNameOf } from '../builtin/builtin-schemas.ts';
import type { KindDefinition, Schema } from '../kind.ts';
import { objectMetaSchema } from '../schema/object-meta.ts';

/** An OpenAPI schema object, ready for JSON. */
export type SchemaObject = { [key: string]: unknown };

export class SchemaDocument {
  readonly definitions: Record<string, SchemaObject> = {};
  readonly #prefix: string;

  /** @param prefix of references: `#/definitions/` or `#/components/schemas/` */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Adds the kind and all it refers to. @returns its definition's name */
  addKind(kind: KindDefinition): string {
    const { group, version, kind: name } = kind.type;
    const published = definitionNameOf(kind.schema);
    const definitionName = published ?? `${reversed(group)}.${version}.${name}`;
    const schema = published === undefined ? withObjectFields(kind.schema) : kind.schema;
    this.definitions[definitionName] = {
      ...this.#written(schema),
      'x-kubernetes-group-version-kind': [{ group, version, kind: name }],
    };
    return definitionName;
  }

  /** A reference to a definition. */
  reference(name: string): SchemaObject {
    return { $ref: `${this.#prefix}${name}` };
  }

  #part(schema: Schema): SchemaObject {
    const name = definitionNameOf(schema);
    if (name === undefined) return this.#written(schema);
    if (this.definitions[name] === undefined) {
      // Set before it is filled, so that a recursive schema ends.
      const definition: SchemaObject = {};
      this.definitions[name] = definition;
      Object.assign(definition, this.#written(schema));
    }
    return this.reference(name);
  }

  #written(schema: Schema): SchemaObject {
    const { properties, items, additionalProperties, ...rest } = schema;
    const written: SchemaObject = { ...rest };
    if (rest['x-kubernetes-int-or-string'] && rest.format !== undefined) {
      delete written['x-kubernetes-int-or-string'];
      written.type = 'string';
    }
    if (properties !== undefined) {
      written.properties = Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, this.#part(property)]),
      );
    }
    if (items !== undefined) written.items = this.#part(items);
    if (typeof additionalProperties === 'object') written.additionalProperties = this.#part(additionalProperties);
    else if (additionalProperties !== undefined) written.additionalProperties = additionalProperties;
    return written;
  }
}

function withObjectFields(schema: Schema): Schema {
  const text = (description: string): Schema => ({ type: 'string', description });
  return {
    ...schema,
    properties: {
      ...schema.properties,
      apiVersion: text('The versioned schema of this representation of an object.'),
      kind: text('The REST resource that this object represents.'),
      metadata: objectMetaSchema(),
    },
  };
}

/** `flagger.app` becomes `app.flagger`, as the real server names definitions of custom resources. */
function reversed(group: string): string {
  return group.split('.').reverse().join('.');
}
