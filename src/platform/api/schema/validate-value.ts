/** Validation of a value against a structural schema: what apiextensions-apiserver checks of a custom resource, without CEL. */

import type { StatusCause } from '../../../kube/kube-client.ts';
import { isFields } from '../builtin/field-access.ts';
import type { Schema } from '../kind.ts';
import { child, duplicate, invalid, notSupported, required, tooLong, tooMany, typeInvalid } from './causes.ts';
import { patternOf } from './pattern.ts';

/** @param path the value's field path; empty for a whole object */
export function validateValue(value: unknown, schema: Schema, path: string): StatusCause[] {
  if (value === null && schema.nullable === true) return [];
  const mistyped = typeFault(value, schema, path);
  if (mistyped !== undefined) return [mistyped];
  return [
    ...ofEnum(value, schema, path),
    ...ofNumber(value, schema, path),
    ...ofString(value, schema, path),
    ...ofList(value, schema, path),
    ...ofFields(value, schema, path),
    ...ofCombinations(value, schema, path),
  ];
}

function typeFault(value: unknown, schema: Schema, path: string): StatusCause | undefined {
  const wanted = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : [];
  const found = typeOf(value);
  const fits = wanted.length === 0 || wanted.includes(found) || (found === 'integer' && wanted.includes('number'));
  if (fits) return undefined;
  return typeInvalid(path, found, `${path} in body must be of type ${wanted.join(',')}: ${JSON.stringify(found)}`);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function ofEnum(value: unknown, schema: Schema, path: string): StatusCause[] {
  if (schema.enum === undefined || schema.enum.some((item) => same(item, value))) return [];
  return [notSupported(path, value, schema.enum)];
}

function ofNumber(value: unknown, schema: Schema, path: string): StatusCause[] {
  if (typeof value !== 'number') return [];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const should = (detail: string) => invalid(path, value, `${path} in body should be ${detail}`);
  const causes: StatusCause[] = [];
  if (maximum !== undefined && exclusiveMaximum && value >= maximum) causes.push(should(`less than ${maximum}`));
  else if (maximum !== undefined && value > maximum) causes.push(should(`less than or equal to ${maximum}`));
  if (minimum !== undefined && exclusiveMinimum && value <= minimum) causes.push(should(`greater than ${minimum}`));
  else if (minimum !== undefined && value < minimum) causes.push(should(`greater than or equal to ${minimum}`));
  if (multipleOf !== undefined && value % multipleOf !== 0) causes.push(should(`a multiple of ${multipleOf}`));
  if (schema.format === 'int32' && (value > 2 ** 31 - 1 || value < -(2 ** 31))) {
    causes.push(invalid(path, value, `${path} in body must be of type int32: ${JSON.stringify('integer')}`));
  }
  return causes;
}

function ofString(value: unknown, schema: Schema, path: string): StatusCause[] {
  if (typeof value !== 'string') return [];
  const length = [...value].length;
  const causes: StatusCause[] = [];
  if (schema.maxLength !== undefined && length > schema.maxLength) causes.push(tooLong(path, schema.maxLength));
  if (schema.minLength !== undefined && length < schema.minLength) {
    causes.push(invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
  }
  if (schema.pattern !== undefined && patternOf(schema.pattern)?.test(value) === false) {
    causes.push(invalid(path, value, `${path} in body should match '${schema.pattern}'`));
  }
  if (schema.format === 'date-time' && Number.isNaN(Date.parse(value))) {
    causes.push(typeInvalid(path, value, `${path} in body must be of type date-time: ${JSON.stringify(value)}`));
  }
  return causes;
}

function ofList(value: unknown, schema: Schema, path: string): StatusCause[] {
  if (!Array.isArray(value)) return [];
  const { items, minItems, maxItems } = schema;
  const causes: StatusCause[] = [];
  if (maxItems !== undefined && value.length > maxItems) causes.push(tooMany(path, value.length, maxItems));
  if (minItems !== undefined && value.length < minItems) {
    causes.push(invalid(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  const inside =
    items === undefined ? [] : value.flatMap((item, index) => validateValue(item, items, `${path}[${index}]`));
  return [...causes, ...inside, ...repeated(value, schema, path)];
}

/** Lists of type `set` and `map` hold each item, or each key, once. */
function repeated(value: readonly unknown[], schema: Schema, path: string): StatusCause[] {
  const type = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (type !== 'set' && type !== 'map') return [];
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const key =
      type === 'set' || !isFields(item)
        ? item
        : Object.fromEntries(keys.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]));
    const text = JSON.stringify(key);
    if (seen.has(text)) return [duplicate(`${path}[${index}]`, key)];
    seen.add(text);
    return [];
  });
}

function ofFields(value: unknown, schema: Schema, path: string): StatusCause[] {
  if (!isFields(value)) return [];
  const { properties = {}, additionalProperties, minProperties, maxProperties } = schema;
  const size = Object.keys(value).length;
  const causes: StatusCause[] = [];
  if (maxProperties !== undefined && size > maxProperties) causes.push(tooMany(path, size, maxProperties));
  if (minProperties !== undefined && size < minProperties) {
    causes.push(invalid(path, size, `${path} in body should have at least ${minProperties} properties`));
  }
  for (const [name, item] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const absent = item === null && known?.nullable !== true && schema.required?.includes(name) === true;
    if (absent) continue;
    if (known !== undefined) causes.push(...validateValue(item, known, child(path, name)));
    else if (typeof additionalProperties === 'object') {
      causes.push(...validateValue(item, additionalProperties, child(path, name)));
    }
  }
  const missing = (schema.required ?? []).filter(
    (name) => value[name] === undefined || (value[name] === null && properties[name]?.nullable !== true),
  );
  return [...causes, ...missing.map((name) => required(child(path, name)))];
}

function ofCombinations(value: unknown, schema: Schema, path: string): StatusCause[] {
  const valid = (branch: Schema) => validateValue(value, branch, path).length === 0;
  // The real server names no field here.
  const must = (detail: string) => invalid('<nil>', '', `"${path}" must ${detail}`);
  const causes: StatusCause[] = [];
  if (schema.anyOf !== undefined && !schema.anyOf.some(valid)) {
    causes.push(must('validate at least one schema (anyOf)'), ...closest(value, schema.anyOf, path));
  }
  if (schema.oneOf !== undefined) {
    const matching = schema.oneOf.filter(valid).length;
    if (matching === 0) {
      causes.push(must('validate one and only one schema (oneOf). Found none valid'));
      causes.push(...closest(value, schema.oneOf, path));
    } else if (matching > 1) {
      causes.push(must(`validate one and only one schema (oneOf). Found ${matching} valid alternatives`));
    }
  }
  for (const branch of schema.allOf ?? []) {
    const faults = validateValue(value, branch, path);
    if (faults.length > 0) causes.push(...faults, must('validate all the schemas (allOf)'));
  }
  if (schema.not !== undefined && valid(schema.not)) causes.push(must('not validate the schema (not)'));
  return causes;
}

/** The faults of the alternative with the fewest. */
function closest(value: unknown, branches: readonly Schema[], path: string): StatusCause[] {
  const faults = branches.map((branch) => validateValue(value, branch, path));
  return faults.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
