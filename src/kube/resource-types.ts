/** Kubernetes' own kinds, as this project addresses them. Kinds of other groups stand in the room that gives them meaning. */

import type { ResourceType } from '../lib/resource.ts';

const core = (kind: string, plural: string, namespaced = true): ResourceType => ({
  group: '',
  version: 'v1',
  kind,
  plural,
  namespaced,
});
const apps = (kind: string, plural: string): ResourceType => ({
  group: 'apps',
  version: 'v1',
  kind,
  plural,
  namespaced: true,
});

export const NAMESPACE = core('Namespace', 'namespaces', false);
export const NODE = core('Node', 'nodes', false);
export const POD = core('Pod', 'pods');
export const SERVICE = core('Service', 'services');
export const CONFIG_MAP = core('ConfigMap', 'configmaps');
export const SECRET = core('Secret', 'secrets');
export const EVENT = core('Event', 'events');
export const SERVICE_ACCOUNT = core('ServiceAccount', 'serviceaccounts');
export const DEPLOYMENT = apps('Deployment', 'deployments');
export const REPLICA_SET = apps('ReplicaSet', 'replicasets');
export const DAEMON_SET = apps('DaemonSet', 'daemonsets');
export const ENDPOINT_SLICE: ResourceType = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
};
export const LEASE: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};
export const HORIZONTAL_POD_AUTOSCALER: ResourceType = {
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  namespaced: true,
};
export const CUSTOM_RESOURCE_DEFINITION: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
