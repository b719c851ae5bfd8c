/** Requests for a custom resource: pruning, defaulting, validation, columns, status and scale as its definition says. */

import type { ApiRequest } from './api-pair.ts';
import type { NamedRequests } from './deployment-requests.ts';

type Json = { [field: string]: unknown };

export const CUSTOM_RESOURCES = '/apis/example.com/v1/namespaces/default/widgets';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const specSchema = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10 },
    ratio: { type: 'number', minimum: 0, exclusiveMinimum: true },
    color: { type: 'string', enum: ['red', 'green'], default: 'red' },
    name: { type: 'string', pattern: '^[a-z]+$', minLength: 2, maxLength: 5 },
    replicas: { type: 'integer', format: 'int32', default: 1 },
    port: { 'x-kubernetes-int-or-string': true },
    on: { type: 'boolean' },
    note: { type: 'string', nullable: true },
    list: { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string' } },
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    map: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, value: { type: 'string' } },
      },
    },
    tags: { type: 'object', additionalProperties: { type: 'string' } },
    few: { type: 'object', maxProperties: 1, additionalProperties: { type: 'string' } },
    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    nested: { type: 'object', default: {}, properties: { a: { type: 'string', default: 'b' } } },
    when: { type: 'string', format: 'date-time' },
    either: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    any: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    never: { type: 'object', properties: { a: { type: 'string' } }, not: { required: ['a'] } },
  },
};

export const CUSTOM_RESOURCE_DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', shortNames: ['wd'], categories: ['all'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: specSchema,
              status: { type: 'object', properties: { replicas: { type: 'integer' }, phase: { type: 'string' } } },
            },
          },
        },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        additionalPrinterColumns: [
          { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
          { name: 'Color', type: 'string', jsonPath: '.spec.color' },
          { name: 'Second', type: 'string', jsonPath: '.spec.map[?(@.name=="b")].value', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
};

const widget = (spec: Json, name = 'w') => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec });
const create = (spec: Json): ApiRequest => ({
  method: 'POST',
  path: `${CUSTOM_RESOURCES}?dryRun=All`,
  body: widget({ size: 3, ...spec }),
});
const one = `${CUSTOM_RESOURCES}/w`;
const merge = (path: string, body: Json): ApiRequest => ({
  method: 'PATCH',
  path,
  body,
  contentType: 'application/merge-patch+json',
});

export const RESOURCE_REQUESTS: NamedRequests = {
  'a widget': create({}),
  'a widget without spec': { ...create({}), body: { ...widget({}), spec: undefined } },
  'a widget without size': { ...create({}), body: widget({}) },
  'a widget of size 0': create({ size: 0 }),
  'a widget of size 1': create({ size: 1 }),
  'a widget of size 10': create({ size: 10 }),
  'a widget of size 11': create({ size: 11 }),
  'a widget of size text': create({ size: '3' }),
  'a widget of half a size': create({ size: 1.5 }),
  'a widget of size null': create({ size: null }),
  'a widget of ratio 0': create({ ratio: 0 }),
  'a widget of a small ratio': create({ ratio: 0.5 }),
  'a blue widget': create({ color: 'blue' }),
  'a widget of color null': create({ color: null }),
  'a widget with a name in capitals': create({ name: 'AB' }),
  'a widget with a short name': create({ name: 'a' }),
  'a widget with a long name': create({ name: 'abcdef' }),
  'a widget with a boolean as a text': create({ on: 'true' }),
  'a widget with a port number': create({ port: 80 }),
  'a widget with a port name': create({ port: 'http' }),
  'a widget with a port that is neither': create({ port: true }),
  'a widget with a null note': create({ note: null }),
  'a widget with replicas beyond 32 bits': create({ replicas: 3_000_000_000 }),
  'a widget with an empty list': create({ list: [] }),
  'a widget with a long list': create({ list: ['a', 'b', 'c'] }),
  'a widget with a list of numbers': create({ list: [1] }),
  'a widget with a list that is an object': create({ list: {} }),
  'a widget with a repeated item': create({ set: ['a', 'a'] }),
  'a widget with a repeated key': create({ map: [{ name: 'a' }, { name: 'a' }] }),
  'a widget with an item without key': create({ map: [{ value: 'a' }] }),
  'a widget with tags': create({ tags: { a: 'b' } }),
  'a widget with a number for a tag': create({ tags: { a: 1 } }),
  'a widget with too many': create({ few: { a: 'b', c: 'd' } }),
  'a widget with anything': create({ open: { a: { b: [1] } } }),
  'a widget with an unknown field': create({ foo: 1 }),
  'a widget with an unknown field, strictly': {
    ...create({ foo: 1 }),
    path: `${CUSTOM_RESOURCES}?dryRun=All&fieldValidation=Strict`,
  },
  'a widget with an unknown root field': { ...create({}), body: { ...widget({ size: 1 }), foo: 1 } },
  'a widget with a time': create({ when: '2026-01-01T00:00:00Z' }),
  'a widget with a time that is none': create({ when: 'yesterday' }),
  'a widget with neither': create({ either: {} }),
  'a widget with both': create({ either: { a: 'x', b: 'y' } }),
  'a widget with one': create({ either: { a: 'x' } }),
  'a widget without any': create({ any: {} }),
  'a widget that should not': create({ never: { a: 'x' } }),
  'a widget with an empty nested object': create({ nested: {} }),
  'a widget with two faults': create({ size: 0, color: 'blue' }),
  'a widget whose spec is a text': { ...create({}), body: { ...widget({}), spec: 'x' } },
  'a widget with a bad name': { ...create({}), body: widget({ size: 1 }, 'A') },
  'the creation of a widget': {
    method: 'POST',
    path: CUSTOM_RESOURCES,
    body: { ...widget({ size: 3, map: [{ name: 'b', value: 'x' }] }), status: { phase: 'ignored' } },
  },
  'the widget': { method: 'GET', path: one },
  'the table of widgets': { method: 'GET', path: CUSTOM_RESOURCES, accept: TABLE },
  'a merge patch of the widget': merge(one, { spec: { size: 4 } }),
  'an empty patch of the widget': merge(one, {}),
  'a merge patch of its status': merge(`${one}/status`, { status: { phase: 'Ready', replicas: 1 } }),
  'a status of the wrong type': merge(`${one}/status`, { status: { phase: 3 } }),
  'the scale of the widget': { method: 'GET', path: `${one}/scale` },
  'a new scale of the widget': merge(`${one}/scale`, { spec: { replicas: 4 } }),
  'a strategic patch of the widget': {
    method: 'PATCH',
    path: one,
    body: { spec: { size: 5 } },
    contentType: 'application/strategic-merge-patch+json',
  },
  'a JSON patch of the widget': {
    method: 'PATCH',
    path: one,
    body: [{ op: 'replace', path: '/spec/size', value: 6 }],
    contentType: 'application/json-patch+json',
  },
  'a replacement without version': { method: 'PUT', path: one, body: widget({ size: 7 }) },
  'the discovery of widgets': { method: 'GET', path: '/apis/example.com/v1' },
  'the group of widgets': { method: 'GET', path: '/apis/example.com' },
  'the deletion of the widget': { method: 'DELETE', path: one },
  'the deleted widget': { method: 'GET', path: one },
};
