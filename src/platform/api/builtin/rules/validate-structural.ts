/**
 * Whether a schema of a CustomResourceDefinition is structural: only of such a schema can unknown fields be told and defaults be filled
 * in. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import type { Schema } from '../../kind.ts';
import { forbidden, invalid, notSupported, required } from '../../schema/causes.ts';
import { patternFault } from '../../schema/pattern.ts';
import { unknownFields } from '../../schema/prune.ts';
import { validateValue } from '../../schema/validate-value.ts';
import { type Fields, fieldsAt, isFields, textAt } from '../field-access.ts';
import { validateJunctors } from './validate-junctors.ts';
import { validateListType } from './validate-list-type.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const MAP_TYPES = ['atomic', 'granular'];

/** @param path where the schema stands in the definition */
export function validateStructural(schema: Fields, path: string): StatusCause[] {
  return [...validateRoot(schema, path), ...validateNode(schema, path)];
}

function validateRoot(schema: Fields, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (schema.type === undefined) causes.push(required(`${path}.type`, 'must not be empty at the root'));
  else if (schema.type !== 'object') causes.push(invalid(`${path}.type`, schema.type, 'must be object at the root'));
  for (const name of ['apiVersion', 'kind']) {
    const type = textAt(schema, 'properties', name, 'type');
    if (type && type !== 'string') causes.push(invalid(`${path}.properties[${name}].type`, type, 'must be string'));
  }
  const said = Object.keys(fieldsAt(schema, 'properties', 'metadata', 'properties'));
  if (said.some((name) => name !== 'name' && name !== 'generateName')) {
    const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    causes.push(forbidden(`${path}.properties[metadata]`, why));
  }
  return causes;
}

function validateNode(schema: Fields, path: string): StatusCause[] {
  // What is referred to is not known, so that nothing else can be said.
  if (schema.$ref !== undefined) return [forbidden(`${path}.$ref`, '$ref is not supported')];
  return [
    ...validateType(schema, path),
    ...validateExtensions(schema, path),
    ...validateListType(schema, path),
    ...validateJunctors(schema, path),
    ...validateRules(schema, path),
    ...validateDefault(schema, path),
    ...validateChildren(schema, path),
  ];
}

function validateType(schema: Fields, path: string): StatusCause[] {
  const { type, items, properties, additionalProperties, uniqueItems, pattern } = schema;
  const causes: StatusCause[] = [];
  if (type !== undefined && !TYPES.includes(String(type))) causes.push(notSupported(`${path}.type`, type, TYPES));
  if (type === 'array' && items === undefined) causes.push(required(`${path}.items`, 'must be specified'));
  if (Array.isArray(items)) causes.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  if (isFields(properties) && additionalProperties !== undefined) {
    const why = 'additionalProperties and properties are mutual exclusive';
    causes.push(forbidden(`${path}.additionalProperties`, why));
  }
  if (uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    causes.push(forbidden(`${path}.uniqueItems`, why));
  }
  const fault = typeof pattern === 'string' ? patternFault(pattern) : undefined;
  if (fault !== undefined) {
    causes.push(invalid(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${fault}`));
  }
  return causes;
}

function validateExtensions(schema: Fields, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const preserves = schema['x-kubernetes-preserve-unknown-fields'];
  if (preserves !== undefined && preserves !== true) {
    const field = `${path}.x-kubernetes-preserve-unknown-fields`;
    causes.push(invalid(field, preserves, 'must be true or undefined'));
  }
  if (schema['x-kubernetes-embedded-resource'] === true) {
    if (schema.type !== undefined && schema.type !== 'object') {
      const why = 'must be object if x-kubernetes-embedded-resource is true';
      causes.push(invalid(`${path}.type`, schema.type, why));
    }
    if (preserves !== true && !isFields(schema.properties)) {
      const why =
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
      causes.push(required(`${path}.properties`, why));
    }
  }
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType !== undefined && !MAP_TYPES.includes(String(mapType))) {
    causes.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, MAP_TYPES));
  }
  return causes;
}

/** Rules in CEL are kept and not evaluated; that there is a rule is all that is asked of them. */
function validateRules(schema: Fields, path: string): StatusCause[] {
  const rules = schema['x-kubernetes-validations'];
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule, index) => {
    const field = `${path}.x-kubernetes-validations[${index}].rule`;
    return textAt(rule, 'rule')?.trim() ? [] : [required(field, 'rule is not specified')];
  });
}

/** A default has to be a value that the schema would accept, and keep. */
function validateDefault(schema: Fields, path: string): StatusCause[] {
  if (schema.default === undefined) return [];
  const field = `${path}.default`;
  const own = schema as Schema;
  if (unknownFields(own, schema.default).length > 0) {
    return [invalid(field, schema.default, 'must not have unknown fields')];
  }
  return validateValue(schema.default, own, '').map((cause) => ({
    ...cause,
    field: cause.field === '' ? field : `${field}.${cause.field}`,
  }));
}

function validateChildren(schema: Fields, path: string): StatusCause[] {
  const { items, additionalProperties } = schema;
  const causes = Object.entries(fieldsAt(schema, 'properties')).flatMap(([name, property]) =>
    validateChild(property, `${path}.properties[${name}]`, 'for specified object fields'),
  );
  if (isFields(items)) causes.push(...validateChild(items, `${path}.items`, 'for specified array items'));
  const place = `${path}.additionalProperties`;
  return [...causes, ...validateChild(additionalProperties, place, 'for specified object fields')];
}

function validateChild(schema: unknown, path: string, detail: string): StatusCause[] {
  if (!isFields(schema)) return [];
  const open = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const untyped = !open && !textAt(schema, 'type') && schema.$ref === undefined;
  const typeCauses = untyped ? [required(`${path}.type`, `must not be empty ${detail}`)] : [];
  return [...typeCauses, ...validateNode(schema, path)];
}
