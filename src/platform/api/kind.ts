/**
 * What the embedded API server knows about a kind: built-in kinds (`builtin/`) and kinds of CustomResourceDefinitions
 * (`crd/`) have the same description, so that everything behind it (validation, defaults, patches, tables, discovery,
 * OpenAPI) is written once.
 */

import type { StatusCause } from '../../kube/kube-client.ts';
import type { KubeObject, ResourceType } from '../../lib/resource.ts';

/** A structural OpenAPI v3 schema, with the Kubernetes extensions that matter here. */
export type Schema = {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  required?: string[];
  enum?: unknown[];
  default?: unknown;
  nullable?: boolean;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  uniqueItems?: boolean;
  multipleOf?: number;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  not?: Schema;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  'x-kubernetes-patch-strategy'?: string;
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-validations'?: unknown[];
};

/** A column of `kubectl get`; `priority` 0 is always shown, above 0 with `-o wide`. */
export type PrinterColumn = {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description?: string;
  priority: number;
  /** The cell of one object; `now` is for ages. */
  cell: (object: KubeObject, now: number) => string | number | boolean | null;
};

export type ScaleSubresource = {
  specReplicasPath: readonly string[];
  statusReplicasPath: readonly string[];
  /** Path of the selector in string or LabelSelector form. */
  labelSelectorPath?: readonly string[];
};

/** What OpenAPI cannot say of a built-in kind. Both are pure but for `object` itself, which `defaults` fills in place. */
export type KindRules = {
  defaults(object: KubeObject, old?: KubeObject): void;
  validate(object: KubeObject, old?: KubeObject): StatusCause[];
};

export type KindDefinition = {
  type: ResourceType;
  singular: string;
  listKind: string;
  shortNames: readonly string[];
  categories: readonly string[];
  /** `get list watch create update patch delete deletecollection`, or fewer. */
  verbs: readonly string[];
  hasStatus: boolean;
  scale?: ScaleSubresource;
  schema: Schema;
  columns: readonly PrinterColumn[];
  /** Built-in kinds take strategic merge patches, custom resources answer 415. */
  strategicMerge: boolean;
  /** `true`: unknown fields are dropped; the kind preserves none. */
  prunes: boolean;
  /** Present for built-in kinds only: they are decoded as Go would (null is absent, a wrong type is a bad request). */
  rules?: KindRules;
};
