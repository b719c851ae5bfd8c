/** Creations of CustomResourceDefinitions whose schema is not structural, or says what no schema may; each says what is wrong. */

import type { ApiRequest } from './api-pair.ts';
import type { NamedRequests } from './deployment-requests.ts';

type Json = { [field: string]: unknown };

const open = { 'x-kubernetes-preserve-unknown-fields': true };
const embedded = { 'x-kubernetes-embedded-resource': true };
const text = { type: 'string' };

/** A definition whose only version has a schema with these properties. */
function create(properties: Json): ApiRequest {
  const schema = { openAPIV3Schema: { type: 'object', properties } };
  return {
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All',
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'foos.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'foos', kind: 'Foo' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    },
  };
}

const field = (a: Json) => create({ a });
const list = (a: Json) => field({ type: 'array', items: { type: 'object' }, ...a });
const mapOf = (keys: string[], properties: Json) =>
  list({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
    items: { type: 'object', properties },
  });

export const DEFINITION_REQUESTS: NamedRequests = {
  'untyped fields, deeper': create({ spec: { type: 'object', properties: { a: {}, b: { type: 'array' } } } }),
  'a list without items': field({ type: 'array' }),
  'a type that is none': field({ type: 'foo' }),
  'a list of schemas for items': list({ items: [text] }),
  'properties and more properties': field({ type: 'object', properties: { b: text }, additionalProperties: text }),
  'unique items': list({ uniqueItems: true, items: text }),
  'a reference': field({ $ref: '#/x' }),
  'a type inside oneOf': field({ type: 'object', oneOf: [{ type: 'object', properties: { a: text } }] }),
  'types inside oneOf only': field({ oneOf: [text, { type: 'integer' }] }),
  'more than values inside allOf': field({
    type: 'object',
    allOf: [{ description: 'x', required: ['x'], default: 1, nullable: true }],
  }),
  'more properties inside not': field({ type: 'object', not: { additionalProperties: text } }),
  'unknown fields not preserved': field({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
  'an embedded object of nothing': field({ type: 'object', ...embedded }),
  'an embedded text': field({ ...text, ...embedded, ...open }),
  'a map list without keys': list({ 'x-kubernetes-list-type': 'map' }),
  'a map list by a key that is not there': mapOf(['n'], { m: text }),
  'a map list by a key that may be absent': mapOf(['n'], { n: text }),
  'a set of objects': list({ 'x-kubernetes-list-type': 'set' }),
  'a list type that is none': list({ 'x-kubernetes-list-type': 'foo' }),
  'a list type of an object': field({ type: 'object', 'x-kubernetes-list-type': 'set' }),
  'keys without a map list': list({
    'x-kubernetes-list-map-keys': ['a'],
    items: { type: 'object', properties: { a: text } },
  }),
  'a map type that is none': field({ type: 'object', 'x-kubernetes-map-type': 'foo' }),
  'a default of the wrong type': field({ ...text, default: 1 }),
  'a default with unknown fields': field({ type: 'object', properties: { b: text }, default: { c: 1 } }),
  'a pattern that is none': field({ ...text, pattern: '[' }),
  'more of metadata than its name': create({
    metadata: { type: 'object', properties: { name: text, labels: { type: 'object' } } },
  }),
  'names of kinds that are no texts': create({ apiVersion: { type: 'integer' }, kind: { type: 'object' } }),
  'a rule without rule': field({ ...text, 'x-kubernetes-validations': [{ message: 'x' }] }),
};
