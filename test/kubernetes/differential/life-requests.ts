/** Requests that build on each other: objects are created, read, selected, patched, replaced and deleted. The order matters. */

import type { ApiRequest } from './api-pair.ts';
import type { NamedRequests } from './deployment-requests.ts';

type Json = { [field: string]: unknown };

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const SERVICES = '/api/v1/namespaces/default/services';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const PARTIAL = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json';
const PARTIAL_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

const get = (path: string, accept?: string): ApiRequest => ({ method: 'GET', path, ...(accept ? { accept } : {}) });
const remove = (path: string, body?: Json): ApiRequest => ({ method: 'DELETE', path, ...(body ? { body } : {}) });
const post = (path: string, body: Json): ApiRequest => ({ method: 'POST', path, body });
const put = (path: string, body: unknown): ApiRequest => ({ method: 'PUT', path, body });
const patch =
  (type: string) =>
  (path: string, body: unknown): ApiRequest => ({
    method: 'PATCH',
    path,
    body,
    contentType: `application/${type}`,
  });
const merge = patch('merge-patch+json');
const json = patch('json-patch+json');
const strategic = patch('strategic-merge-patch+json');

const labels = { app: 'web' };
const container = { name: 'web', image: 'web:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
};
const configMap = (name: string, more: Json = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...more },
  data: { a: '1' },
});
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: labels, ports: [{ port: 80 }] },
};
const web = `${DEPLOYMENTS}/web`;
const containers = (...list: Json[]) => ({ spec: { template: { spec: { containers: list } } } });
const template = (metadata: Json) => ({ spec: { template: { metadata } } });
const selecting = (selector: string) => get(`${CONFIG_MAPS}?labelSelector=${encodeURIComponent(selector)}`);
const having = (selector: string) => get(`${CONFIG_MAPS}?fieldSelector=${encodeURIComponent(selector)}`);
const events = (selector: string) =>
  get(`/api/v1/namespaces/default/events?fieldSelector=${encodeURIComponent(selector)}`);

export const LIFE_REQUESTS: NamedRequests = {
  'the list of no Deployments': get(DEPLOYMENTS),
  'the table of no Deployments': get(DEPLOYMENTS, TABLE),
  'a Deployment that is not there': get(web),
  'the deletion of what is not there': remove(web),
  'a patch of what is not there': merge(web, {}),
  'a replacement of what is not there': put(web, deployment),
  'a kind that is not there': get('/apis/apps/v1/namespaces/default/foos'),
  'a group that is not there': get('/apis/nowhere.example/v1/foos'),
  'a path that is not there': get('/nowhere'),
  'a creation in a namespace that is not there': post('/apis/apps/v1/namespaces/nowhere/deployments', deployment),
  'a body that is no JSON': { method: 'POST', path: DEPLOYMENTS, body: '{' as unknown as Json },
  'a body of another kind': post(DEPLOYMENTS, configMap('a')),
  'a body of another version': post(DEPLOYMENTS, { ...deployment, apiVersion: 'apps/v2' }),
  'a body of an unknown media type': { ...post(DEPLOYMENTS, deployment), contentType: 'text/plain' },
  'the creation of a Deployment': post(`${DEPLOYMENTS}?fieldManager=kubectl-create`, deployment),
  'the creation of it again': post(DEPLOYMENTS, deployment),
  'the Deployment': get(web),
  'the table of one Deployment': get(web, TABLE),
  'the table of Deployments': get(DEPLOYMENTS, TABLE),
  'the table of Deployments of all namespaces': get('/apis/apps/v1/deployments?limit=500', TABLE),
  'the table with whole objects': get(`${DEPLOYMENTS}?includeObject=Object`, TABLE),
  'the table without objects': get(`${DEPLOYMENTS}?includeObject=None`, TABLE),
  'the metadata of the Deployment': get(web, PARTIAL),
  'the metadata of Deployments': get(DEPLOYMENTS, PARTIAL_LIST),
  'the scale of the Deployment': get(`${web}/scale`),
  'a new scale': merge(`${web}/scale`, { spec: { replicas: 3 } }),
  'a negative scale': merge(`${web}/scale`, { spec: { replicas: -1 } }),
  'an empty merge patch': merge(web, {}),
  'a merge patch of replicas': merge(web, { spec: { replicas: 2 } }),
  'a merge patch that is not valid': merge(web, { spec: { replicas: -2 } }),
  'a merge patch of the wrong type': merge(web, { spec: { replicas: 'x' } }),
  'a merge patch of the selector': merge(web, { spec: { selector: { matchLabels: { app: 'other' } } } }),
  'a merge patch with a label': merge(web, { metadata: { labels: { tier: 'front' } } }),
  'a merge patch without the label': merge(web, { metadata: { labels: { tier: null } } }),
  'a merge patch of the status is ignored': merge(web, { status: { replicas: 9 } }),
  'a merge patch of the status subresource': merge(`${web}/status`, { status: { replicas: 2, readyReplicas: 1 } }),
  'a merge patch of the spec through the status': merge(`${web}/status`, { spec: { replicas: 7 } }),
  'a merge patch that is a list': merge(web, []),
  'a merge patch with an old version': merge(web, { metadata: { resourceVersion: '1' } }),
  'a merge patch with another uid': merge(web, { metadata: { uid: 'x' } }),
  'a merge patch of the name': merge(web, { metadata: { name: 'other' } }),
  'a merge patch with an unknown field': merge(`${web}?fieldValidation=Strict`, { spec: { foo: 1 } }),
  'a strategic patch of the image': strategic(web, containers({ name: 'web', image: 'web:2' })),
  'a strategic patch with a second container': strategic(web, containers({ name: 'side', image: 'side:1' })),
  'a strategic patch that deletes it': strategic(web, containers({ $patch: 'delete', name: 'side' })),
  'a strategic patch of a variable': strategic(web, containers({ name: 'web', env: [{ name: 'B', value: '2' }] })),
  'a strategic patch that changes a variable': strategic(
    web,
    containers({ name: 'web', env: [{ name: 'A', value: '9' }] }),
  ),
  'a strategic patch with an order': strategic(web, {
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'web',
              '$setElementOrder/env': [{ name: 'A' }, { name: 'C' }, { name: 'B' }],
              env: [{ name: 'C', value: '3' }],
            },
          ],
        },
      },
    },
  }),
  'a strategic patch that deletes a variable': strategic(
    web,
    containers({ name: 'web', env: [{ $patch: 'delete', name: 'C' }] }),
  ),
  'a strategic patch of all variables': strategic(
    web,
    containers({ name: 'web', env: [{ name: 'Z', value: '1' }, { $patch: 'replace' }] }),
  ),
  'a strategic patch without merge key': strategic(web, containers({ image: 'web:3' })),
  'a strategic patch of the annotations': strategic(
    web,
    template({ annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } }),
  ),
  'a strategic patch of the strategy': strategic(web, {
    spec: { strategy: { $retainKeys: ['type'], type: 'Recreate', rollingUpdate: null } },
  }),
  'a strategic patch with finalizers': strategic(web, { metadata: { finalizers: ['example.com/a', 'example.com/b'] } }),
  'a strategic patch that deletes a finalizer': strategic(web, {
    metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/b'] },
  }),
  'a strategic patch of a label selector that matches nothing': strategic(web, template({ labels: { app: 'other' } })),
  'a JSON patch': json(web, [{ op: 'replace', path: '/spec/replicas', value: 4 }]),
  'a JSON patch of nothing': json(web, []),
  'a JSON patch that removes what is not there': json(web, [{ op: 'remove', path: '/spec/foo' }]),
  'a JSON patch that replaces what is not there': json(web, [{ op: 'replace', path: '/spec/a/b', value: 1 }]),
  'a JSON patch whose test fails': json(web, [{ op: 'test', path: '/spec/replicas', value: 1 }]),
  'a JSON patch whose test passes': json(web, [{ op: 'test', path: '/spec/replicas', value: 4 }]),
  'a JSON patch that appends': json(web, [
    { op: 'add', path: '/spec/template/spec/containers/0/env/-', value: { name: 'Y', value: '1' } },
  ]),
  'a JSON patch beyond a list': json(web, [{ op: 'add', path: '/spec/template/spec/containers/9', value: {} }]),
  'a JSON patch of a key with a slash': json(web, [
    { op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } },
  ]),
  'a JSON patch that reads it': json(web, [{ op: 'replace', path: '/metadata/annotations/a~1b', value: 'd' }]),
  'a JSON patch of an unknown operation': json(web, [{ op: 'foo', path: '/spec/replicas' }]),
  'a JSON patch that is an object': json(web, {}),
  'a patch of an unknown type': patch('foo+json')(web, {}),
  'a dry run': merge(`${web}?dryRun=All`, { spec: { replicas: 6 } }),
  'an unknown dry run': merge(`${web}?dryRun=Some`, { spec: { replicas: 6 } }),
  'the Deployment after it all': get(web),
  'a replacement': put(web, { ...deployment, spec: { ...deployment.spec, replicas: 5 } }),
  'a replacement with an old version': put(web, { ...deployment, metadata: { name: 'web', resourceVersion: '1' } }),
  'a replacement by another name': put(web, { ...deployment, metadata: { name: 'other' } }),
  'a replacement of the selector': put(web, {
    ...deployment,
    spec: {
      selector: { matchLabels: { app: 'z' } },
      template: { metadata: { labels: { app: 'z' } }, spec: { containers: [container] } },
    },
  }),
  'a replacement of the status': put(`${web}/status`, {
    ...deployment,
    status: { replicas: 1, observedGeneration: 1 },
  }),
  'the deletion with a wrong uid': remove(web, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    preconditions: { uid: 'x' },
  }),
  'the deletion of the Deployment': remove(web, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: 'Background',
  }),
  'the deleted Deployment': get(web),
  'a ConfigMap a': post(CONFIG_MAPS, configMap('a', { labels: { app: 'a', tier: 'front' } })),
  'a ConfigMap b': post(CONFIG_MAPS, configMap('b', { labels: { app: 'b' } })),
  'a ConfigMap c without labels': post(CONFIG_MAPS, configMap('c')),
  'app=a': selecting('app=a'),
  'app==a': selecting('app==a'),
  'app!=a': selecting('app!=a'),
  'app in (a,b)': selecting('app in (a,b)'),
  'app notin (a)': selecting('app notin (a)'),
  'app exists': selecting('app'),
  'app does not exist': selecting('!app'),
  'app=a and tier': selecting('app=a,tier'),
  'app=a and tier=back': selecting('app=a,tier=back'),
  'a selector that ends in a comma': selecting('app,'),
  'a selector with an open parenthesis': selecting('app in (a'),
  'a selector with a bad key': selecting('a b'),
  'a selector with a bad value': selecting('a=b c'),
  'a selector of nothing but =': selecting('='),
  'metadata.name=a': having('metadata.name=a'),
  'metadata.name!=a': having('metadata.name!=a'),
  'metadata.namespace=default': having('metadata.namespace=default'),
  'a field that cannot be selected': having('data.a=1'),
  'a field selector without operator': having('metadata.name'),
  'events of an object': events('involvedObject.name=web,involvedObject.kind=Deployment,type=Warning'),
  'events by reason': events('reason=Foo'),
  'pods of a node': get('/api/v1/pods?fieldSelector=spec.nodeName%3Dx'),
  'pods that are running': get('/api/v1/pods?fieldSelector=status.phase%3DRunning'),
  'pods by an unknown field': get('/api/v1/pods?fieldSelector=spec.foo%3Dx'),
  'the table of ConfigMaps': get(CONFIG_MAPS, TABLE),
  'a negative limit': get(`${CONFIG_MAPS}?limit=-1`),
  'a limit that is no number': get(`${CONFIG_MAPS}?limit=x`),
  'a continue token that is none': get(`${CONFIG_MAPS}?limit=1&continue=x`),
  'an immutable ConfigMap': merge(`${CONFIG_MAPS}/a`, { immutable: true }),
  'a change of it': merge(`${CONFIG_MAPS}/a`, { data: { a: '2' } }),
  'mutable again': merge(`${CONFIG_MAPS}/a`, { immutable: false }),
  'the deletion of a ConfigMap': remove(`${CONFIG_MAPS}/a`),
  'the dry deletion of a ConfigMap': remove(`${CONFIG_MAPS}/b?dryRun=All`),
  'the deletion of all ConfigMaps with a label': remove(`${CONFIG_MAPS}?labelSelector=app%3Db`),
  'the ConfigMaps that are left': get(CONFIG_MAPS),
  'the creation of a Service': post(SERVICES, service),
  'the Service': get(`${SERVICES}/web`),
  'the table of the Service': get(`${SERVICES}/web`, TABLE),
  'a patch of a Service port': strategic(`${SERVICES}/web`, { spec: { ports: [{ port: 80, targetPort: 8080 }] } }),
  'a second port without names': strategic(`${SERVICES}/web`, { spec: { ports: [{ port: 81 }] } }),
  'a change of the address': merge(`${SERVICES}/web`, { spec: { clusterIP: '10.0.0.77' } }),
  'a replacement of a Service without address': put(`${SERVICES}/web`, service),
  'the deletion of the Service': remove(`${SERVICES}/web`),
  'the creation of a Namespace': post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'n1' },
  }),
  'the Namespace': get('/api/v1/namespaces/n1'),
  'the table of the Namespace': get('/api/v1/namespaces/n1', TABLE),
  'who am I': post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } },
  }),
  'the core group': get('/api'),
  'the health': get('/healthz'),
  'the readiness': get('/readyz'),
};
