/** The kinds that the embedded server has before anybody applies a CustomResourceDefinition. */

import {
  CONFIG_MAP,
  CUSTOM_RESOURCE_DEFINITION,
  DAEMON_SET,
  DEPLOYMENT,
  ENDPOINT_SLICE,
  EVENT,
  HORIZONTAL_POD_AUTOSCALER,
  LEASE,
  NAMESPACE,
  NODE,
  POD,
  REPLICA_SET,
  SECRET,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../../../kube/resource-types.ts';
import { apiVersionOf, type ResourceType } from '../../../lib/resource.ts';
import type { KindDefinition, ScaleSubresource } from '../kind.ts';
import { builtinSchema } from './builtin-schemas.ts';
import { DEFAULT_COLUMNS, PRINTER_COLUMNS } from './printer-columns.ts';
import { builtinRules } from './rules/builtin-rules.ts';

/** In the order of the real server's discovery documents. */
export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

const SCALE: ScaleSubresource = {
  specReplicasPath: ['spec', 'replicas'],
  statusReplicasPath: ['status', 'replicas'],
  labelSelectorPath: ['spec', 'selector'],
};

const ENDPOINTS: ResourceType = { group: '', version: 'v1', kind: 'Endpoints', plural: 'endpoints', namespaced: true };
const STATEFUL_SET: ResourceType = { ...DEPLOYMENT, kind: 'StatefulSet', plural: 'statefulsets' };
const CONTROLLER_REVISION: ResourceType = { ...DEPLOYMENT, kind: 'ControllerRevision', plural: 'controllerrevisions' };
const NEW_EVENT: ResourceType = { ...EVENT, group: 'events.k8s.io' };

type Traits = Partial<Omit<KindDefinition, 'type'>>;

const ROWS: readonly (readonly [ResourceType, Traits])[] = [
  [NAMESPACE, { shortNames: ['ns'], hasStatus: true, verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection') }],
  [NODE, { shortNames: ['no'], hasStatus: true }],
  [POD, { shortNames: ['po'], hasStatus: true, categories: ['all'] }],
  [SERVICE, { shortNames: ['svc'], hasStatus: true, categories: ['all'] }],
  [ENDPOINTS, { singular: 'endpoints', shortNames: ['ep'] }],
  [CONFIG_MAP, { shortNames: ['cm'] }],
  [SECRET, {}],
  [EVENT, { shortNames: ['ev'] }],
  [SERVICE_ACCOUNT, { shortNames: ['sa'] }],
  [DEPLOYMENT, { shortNames: ['deploy'], hasStatus: true, scale: SCALE, categories: ['all'] }],
  [REPLICA_SET, { shortNames: ['rs'], hasStatus: true, scale: SCALE, categories: ['all'] }],
  [DAEMON_SET, { shortNames: ['ds'], hasStatus: true, categories: ['all'] }],
  [STATEFUL_SET, { shortNames: ['sts'], hasStatus: true, scale: SCALE, categories: ['all'] }],
  [CONTROLLER_REVISION, {}],
  [NEW_EVENT, { shortNames: ['ev'] }],
  [ENDPOINT_SLICE, {}],
  [LEASE, {}],
  [HORIZONTAL_POD_AUTOSCALER, { shortNames: ['hpa'], hasStatus: true, categories: ['all'] }],
  [CUSTOM_RESOURCE_DEFINITION, { shortNames: ['crd', 'crds'], hasStatus: true, categories: ['api-extensions'] }],
];

let kinds: readonly KindDefinition[] | undefined;

/** The same list each time; schemas are shared, never changed. */
export function builtinKinds(): readonly KindDefinition[] {
  kinds ??= ROWS.map(([type, traits]) => definitionOf(type, traits));
  return kinds;
}

function definitionOf(type: ResourceType, traits: Traits): KindDefinition {
  const apiVersion = apiVersionOf(type);
  return {
    type,
    singular: type.kind.toLowerCase(),
    listKind: `${type.kind}List`,
    shortNames: [],
    categories: [],
    verbs: ALL_VERBS,
    hasStatus: false,
    schema: builtinSchema(apiVersion, type.kind),
    columns: PRINTER_COLUMNS[`${apiVersion}/${type.kind}`] ?? DEFAULT_COLUMNS,
    strategicMerge: true,
    prunes: true,
    rules: builtinRules(`${apiVersion}/${type.kind}`),
    ...traits,
  };
}
