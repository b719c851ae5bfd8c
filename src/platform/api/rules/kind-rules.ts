/** The rules of the built-in kinds that have any, by the name of their resource. */

import type { KubeObject } from '../../../lib/resource.ts';
import type { KindDefinition } from '../kind.ts';
import { isBuiltIn } from '../kind-registry.ts';
import { resourceIdOf } from '../store/stored-object.ts';
import { crdRule } from './crd-rule.ts';
import { endpointsRule } from './endpoints-rule.ts';
import type { KindRule } from './kind-rule.ts';
import { namespaceRule } from './namespace-rule.ts';
import { podRule } from './pod-rule.ts';
import { serviceRule } from './service-rule.ts';

const RULES: Readonly<Record<string, KindRule>> = {
  endpoints: endpointsRule,
  namespaces: namespaceRule,
  pods: podRule,
  services: serviceRule,
  'customresourcedefinitions.apiextensions.k8s.io': crdRule,
};

/** What a new object starts with where nothing else is said. A Node alone may report its state as it registers. */
const INITIAL_STATUS: Readonly<Record<string, unknown>> = {
  nodes: undefined,
  'replicasets.apps': { replicas: 0 },
  services: { loadBalancer: {} },
};

const NO_RULE: KindRule = {};

export function ruleOf(kind: KindDefinition): KindRule {
  return !isBuiltIn(kind) ? NO_RULE : (RULES[resourceIdOf(kind.type)] ?? NO_RULE);
}

/** Nobody creates an object with a state: it is reported later, through the status subresource. */
export function withInitialStatus(kind: KindDefinition, object: KubeObject): KubeObject {
  const resource = resourceIdOf(kind.type);
  if (!kind.hasStatus || resource === 'nodes') return object;
  const { status: _status, ...rest } = object;
  return !isBuiltIn(kind) ? rest : { ...rest, status: INITIAL_STATUS[resource] ?? {} };
}
