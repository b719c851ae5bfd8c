/** Creations of the other built-in kinds, good and bad. */

import type { ApiRequest } from './api-pair.ts';
import type { NamedRequests } from './deployment-requests.ts';

type Json = { [field: string]: unknown };

const post = (path: string, apiVersion: string, kind: string) => (fields: Json) => ({
  method: 'POST' as const,
  path: `${path}?dryRun=All&fieldValidation=Strict`,
  body: { apiVersion, kind, ...fields, metadata: { name: 'x', ...(fields.metadata as Json | undefined) } },
});
const core = (kind: string, plural: string) => post(`/api/v1/namespaces/default/${plural}`, 'v1', kind);
const serviceObject = core('Service', 'services');
const service = (spec: Json, name = 's'): ApiRequest => serviceObject({ metadata: { name }, spec });
const servicePorts = (...ports: Json[]) => service({ ports });
const configMap = core('ConfigMap', 'configmaps');
const secret = core('Secret', 'secrets');
const pod = core('Pod', 'pods');
const namespace = post('/api/v1/namespaces', 'v1', 'Namespace');
const slice = post(
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
  'discovery.k8s.io/v1',
  'EndpointSlice',
);
const endpoints = (...list: Json[]) => slice({ addressType: 'IPv4', endpoints: list });
const lease = post('/apis/coordination.k8s.io/v1/namespaces/default/leases', 'coordination.k8s.io/v1', 'Lease');
const replicaSet = post('/apis/apps/v1/namespaces/default/replicasets', 'apps/v1', 'ReplicaSet');
const daemonSet = post('/apis/apps/v1/namespaces/default/daemonsets', 'apps/v1', 'DaemonSet');
const statefulSet = post('/apis/apps/v1/namespaces/default/statefulsets', 'apps/v1', 'StatefulSet');
const autoscaler = post(
  '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
);
const crdObject = post(
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
);
const openSchema = { openAPIV3Schema: { type: 'object' } };
const version = { name: 'v1', served: true, storage: true, schema: openSchema };
const names = { kind: 'Foo', plural: 'foos' };
const crd = (spec: Json, name = 'foos.example.com') =>
  crdObject({
    metadata: { name },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version], ...spec },
  });

const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'x' }] } };
const workload = { selector: { matchLabels: { app: 'x' } }, template };
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };

export const OBJECT_REQUESTS: NamedRequests = {
  'a Service without spec': serviceObject({}),
  'a Service with no ports': servicePorts(),
  'a Service': servicePorts({ port: 80 }),
  'a Service with a named target port': service({ selector: { a: 'b' }, ports: [{ port: 80, targetPort: 'http' }] }),
  'a headless Service': service({ clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 80 }] }),
  'a headless Service without ports': service({ clusterIP: 'None' }),
  'an ExternalName Service': service({ type: 'ExternalName', externalName: 'foo.bar' }),
  'an ExternalName Service without name': service({ type: 'ExternalName' }),
  'an ExternalName Service with a bad name': service({ type: 'ExternalName', externalName: 'A B' }),
  'a Service with client affinity': service({ sessionAffinity: 'ClientIP', ports: [{ port: 80 }] }),
  'a Service with an unknown affinity': service({ sessionAffinity: 'X', ports: [{ port: 80 }] }),
  'a Service of an unknown type': service({ type: 'X', ports: [{ port: 80 }] }),
  'a Service at port 0': servicePorts({ port: 0 }),
  'a Service at port 65536': servicePorts({ port: 65536 }),
  'a Service with unnamed ports': servicePorts({ port: 80 }, { port: 81 }),
  'a Service with two ports of one name': servicePorts({ port: 80, name: 'a' }, { port: 81, name: 'a' }),
  'a Service with a port twice': servicePorts({ port: 80, name: 'a' }, { port: 80, name: 'b' }),
  'a Service with a target port beyond the range': servicePorts({ port: 80, targetPort: 70000 }),
  'a Service with a badly named target port': servicePorts({ port: 80, targetPort: 'A_' }),
  'a Service with an unknown protocol': servicePorts({ port: 80, protocol: 'X' }),
  'a Service with a port name in capitals': servicePorts({ port: 80, name: 'A' }),
  'a Service with a bad address': service({ clusterIP: 'foo', ports: [{ port: 80 }] }),
  'a ClusterIP Service with a node port': servicePorts({ port: 80, nodePort: 30000 }),
  'a Service whose name begins with a digit': service({ ports: [{ port: 80 }] }, '1a'),
  'a Service whose name has a dot': service({ ports: [{ port: 80 }] }, 'a.b'),
  'a Service with a bad selector': service({ selector: { 'a b': 'c' }, ports: [{ port: 80 }] }),
  'a ClusterIP Service with a traffic policy': service({ externalTrafficPolicy: 'Local', ports: [{ port: 80 }] }),
  'a Service with an unknown field': service({ foo: 1, ports: [{ port: 80 }] }),
  'a ConfigMap': configMap({ data: { a: '1' } }),
  'an empty ConfigMap': configMap({}),
  'a ConfigMap with a bad key': configMap({ data: { 'a b': 'c' } }),
  'a ConfigMap with an empty key': configMap({ data: { '': 'c' } }),
  'a ConfigMap with a key ..': configMap({ data: { '..': 'c' } }),
  'a ConfigMap with a key twice': configMap({ data: { a: 'c' }, binaryData: { a: 'YQ==' } }),
  'a ConfigMap with a number': configMap({ data: { a: 1 } }),
  'a ConfigMap with data that is a list': configMap({ data: [] }),
  'a Secret': secret({ data: { a: 'YQ==' } }),
  'a Secret with plain texts': secret({ stringData: { a: 'hello' }, data: { b: 'YQ==' } }),
  'a Secret with a bad key': secret({ data: { 'a b': 'YQ==' } }),
  'a Secret that is no base64': secret({ data: { a: '***' } }),
  'a TLS Secret without certificate': secret({ type: 'kubernetes.io/tls' }),
  'a Namespace': namespace({ metadata: { name: 'n1' } }),
  'a Namespace in capitals': namespace({ metadata: { name: 'A' } }),
  'a Namespace with a dot': namespace({ metadata: { name: 'a.b' } }),
  'a Pod without containers': pod({ spec: {} }),
  'a Pod without spec': pod({}),
  'a Pod with two containers of one name': pod({
    spec: {
      containers: [
        { name: 'c', image: 'x' },
        { name: 'c', image: 'x' },
      ],
    },
  }),
  'an EndpointSlice': endpoints({ addresses: ['10.1.0.1'], conditions: { ready: true } }),
  'an EndpointSlice without address type': slice({ endpoints: [] }),
  'an EndpointSlice with an unknown address type': slice({ addressType: 'X', endpoints: [] }),
  'an EndpointSlice with a loopback address': endpoints({ addresses: ['127.0.0.1'] }),
  'an EndpointSlice with a name for an address': endpoints({ addresses: ['foo'] }),
  'an EndpointSlice with no addresses': endpoints({ addresses: [] }),
  'an EndpointSlice with two unnamed ports': slice({
    addressType: 'IPv4',
    endpoints: [],
    ports: [{ port: 1 }, { port: 2 }],
  }),
  'a Lease': lease({ spec: { holderIdentity: 'x', leaseDurationSeconds: 10 } }),
  'a Lease of 0 seconds': lease({ spec: { leaseDurationSeconds: 0 } }),
  'a Lease with negative transitions': lease({ spec: { leaseTransitions: -1 } }),
  'a Lease with a duration as a text': lease({ spec: { leaseDurationSeconds: '10' } }),
  'a ReplicaSet': replicaSet({ spec: workload }),
  'a ReplicaSet with negative replicas': replicaSet({ spec: { ...workload, replicas: -1 } }),
  'a ReplicaSet that does not match': replicaSet({ spec: { ...workload, selector: { matchLabels: { app: 'y' } } } }),
  'a DaemonSet': daemonSet({ spec: workload }),
  'a DaemonSet with an empty selector': daemonSet({ spec: { ...workload, selector: {} } }),
  'a StatefulSet': statefulSet({ spec: { ...workload, serviceName: 'x' } }),
  'an autoscaler': autoscaler({ spec: { maxReplicas: 3, scaleTargetRef: target } }),
  'an autoscaler of a share': autoscaler({
    spec: {
      maxReplicas: 3,
      scaleTargetRef: target,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    },
  }),
  'an autoscaler with behavior': autoscaler({
    spec: { maxReplicas: 3, scaleTargetRef: target, behavior: { scaleDown: { stabilizationWindowSeconds: 5 } } },
  }),
  'a CRD': crd({}),
  'a CRD by another name': crd({}, 'x.example.com'),
  'a CRD with an unknown scope': crd({ scope: 'X' }),
  'a CRD without versions': crd({ versions: [] }),
  'a CRD without storage version': crd({ versions: [{ ...version, storage: false }] }),
  'a CRD without schema': crd({ versions: [{ ...version, schema: undefined }] }),
  'a CRD without kind': crd({ names: { plural: 'foos' } }),
  'a CRD without plural': crd({ names: { kind: 'Foo' } }),
  'a CRD of a string': crd({ versions: [{ ...version, schema: { openAPIV3Schema: { type: 'string' } } }] }),
  'a CRD with an untyped field': crd({
    versions: [{ ...version, schema: { openAPIV3Schema: { type: 'object', properties: { a: {} } } } }],
  }),
};
