/**
 * The edges of the API: options, preconditions, server-side apply, scale, events under both groups, ports of Services. The order
 * matters; names are unlike those of the other requests, which came before.
 */

import type { ApiRequest } from './api-pair.ts';
import type { NamedRequests } from './deployment-requests.ts';
import { CUSTOM_RESOURCES } from './resource-requests.ts';

type Json = { [field: string]: unknown };

const DEFAULT = '/api/v1/namespaces/default';
const MAPS = `${DEFAULT}/configmaps`;
const SERVICES = `${DEFAULT}/services`;
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const NEW_EVENTS = '/apis/events.k8s.io/v1/namespaces/default/events';

const get = (path: string): ApiRequest => ({ method: 'GET', path });
const post = (path: string, body: unknown): ApiRequest => ({ method: 'POST', path, body });
const put = (path: string, body: unknown): ApiRequest => ({ method: 'PUT', path, body });
const remove = (path: string, options?: Json): ApiRequest => {
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...options };
  return { method: 'DELETE', path, ...(options === undefined ? {} : { body }) };
};
const patch =
  (type: string) =>
  (path: string, body: unknown): ApiRequest => ({ method: 'PATCH', path, body, contentType: `application/${type}` });
const merge = patch('merge-patch+json');
const json = patch('json-patch+json');
const apply = (path: string, body: unknown, manager = 'm') =>
  patch('apply-patch+yaml')(`${path}?fieldManager=${manager}`, body);

const object = (kind: string, name: string, rest: Json = {}, metadata: Json = {}, apiVersion = 'v1') => ({
  apiVersion,
  kind,
  metadata: { name, ...metadata },
  ...rest,
});
const map = (name: string, metadata: Json = {}) => object('ConfigMap', name, { data: { a: '1' } }, metadata);
const lease = (name: string, metadata: Json = {}) =>
  object('Lease', name, { spec: { leaseDurationSeconds: 10 } }, metadata, 'coordination.k8s.io/v1');
const service = (name: string, spec: Json = {}) =>
  object('Service', name, { spec: { selector: { a: 'b' }, ports: [{ port: 80 }], ...spec } });
const event = (name: string, namespace = 'default') =>
  object('Event', name, {
    involvedObject: { kind: 'Pod', name: 'p', namespace },
    reason: 'Edge',
    message: 'M',
    type: 'Normal',
    source: { component: 'c' },
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
  });
const newEvent = object(
  'Event',
  'edge-2',
  {
    regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
    reason: 'Edge',
    note: 'N',
    type: 'Normal',
    action: 'A',
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'rc',
    reportingInstance: 'ri',
  },
  {},
  'events.k8s.io/v1',
);
const labels = { a: 'b' };
const deployment = object(
  'Deployment',
  'ssa',
  {
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  },
  {},
  'apps/v1',
);
const ssa = `${DEPLOYMENTS}/ssa`;
const scale = (spec: Json | undefined, metadata: Json = {}) =>
  object('Scale', 'ssa', spec === undefined ? {} : { spec }, metadata, 'autoscaling/v1');
const widget = object('Widget', 'edge', { spec: { size: 1 } }, {}, 'example.com/v1');
const nodePort = (port?: number) => ({ type: 'NodePort', ports: [{ port: 80, ...(port ? { nodePort: port } : {}) }] });

export const EDGE_REQUESTS: NamedRequests = {
  'a Lease by PUT': put(`${LEASES}/edge-1`, lease('edge-1')),
  'a Lease by a dry PUT': put(`${LEASES}/edge-2?dryRun=All`, lease('edge-2')),
  'a Lease by PUT with a version': put(`${LEASES}/edge-3`, lease('edge-3', { resourceVersion: '5' })),
  'a Lease by PUT with a uid': put(`${LEASES}/edge-4`, lease('edge-4', { uid: '5' })),
  'a ConfigMap by PUT': put(`${MAPS}/edge`, map('edge')),
  'Endpoints by PUT': put(`${DEFAULT}/endpoints/edge`, object('Endpoints', 'edge', { subsets: [] })),
  'a Service by PUT': put(`${SERVICES}/edge`, service('edge')),
  'an Event by PUT': put(`${DEFAULT}/events/edge`, event('edge')),
  'a match without version': get(`${MAPS}?resourceVersionMatch=Exact`),
  'an exact match of any version': get(`${MAPS}?resourceVersionMatch=Exact&resourceVersion=0`),
  'an exact match of the first version': get(`${MAPS}?resourceVersionMatch=Exact&resourceVersion=1`),
  'a match that is none': get(`${MAPS}?resourceVersionMatch=Foo&resourceVersion=1`),
  'a version that is none': get(`${MAPS}?resourceVersion=abc`),
  'a negative version': get(`${MAPS}?resourceVersion=-1`),
  'a version of the future': get(`${MAPS}?resourceVersion=99999999`),
  'a watch with a match': get(`${MAPS}?watch=1&resourceVersionMatch=Exact&resourceVersion=1`),
  'a watch of a time that is none': get(`${MAPS}?watch=1&timeoutSeconds=x`),
  'a deletion after a time that is none': remove(`${MAPS}/edge?gracePeriodSeconds=x`),
  'a ConfigMap to delete': post(MAPS, map('edge')),
  'a deletion by both policies': remove(`${MAPS}/edge`, { propagationPolicy: 'Orphan', orphanDependents: true }),
  'a deletion by a policy that is none': remove(`${MAPS}/edge`, { propagationPolicy: 'X' }),
  'a deletion of another version': remove(`${MAPS}/edge`, { preconditions: { resourceVersion: '1' } }),
  'a deletion by another body': remove(`${MAPS}/edge`, { kind: 'ConfigMap' }),
  'a deletion by an unknown dry run': remove(`${MAPS}/edge`, { dryRun: ['x'] }),
  'a deletion in an unknown form': { ...remove(`${MAPS}/edge`, {}), contentType: 'text/plain' },
  'a creation by an unknown dry run': post(`${MAPS}?dryRun=x`, map('edge-5')),
  'a creation by an unknown validation': post(`${MAPS}?fieldValidation=x`, map('edge-5')),
  'a creation by a long manager': post(`${MAPS}?fieldManager=${'a'.repeat(129)}`, map('edge-5')),
  'an apply without manager': apply(`${MAPS}/ap`, map('ap'), ''),
  'an apply of nothing': apply(`${MAPS}/ap`, ''),
  'an apply without kind': apply(`${MAPS}/ap`, { apiVersion: 'v1', metadata: { name: 'ap' } }),
  'an apply of a list': apply(`${MAPS}/ap`, '[]'),
  'an apply with managed fields': apply(`${MAPS}/ap`, map('ap', { managedFields: [{ manager: 'x' }] })),
  'an apply of another kind': apply(`${MAPS}/ap`, object('Secret', 'ap')),
  'an apply of another version': apply(`${MAPS}/ap`, object('ConfigMap', 'ap', {}, {}, 'v2')),
  'an apply by another name': apply(`${MAPS}/ap`, map('other')),
  'an apply of a new ConfigMap with uid': apply(`${MAPS}/ap`, map('ap', { uid: '1' })),
  'an apply that creates': apply(`${MAPS}/ap`, map('ap')),
  'an apply that changes nothing': apply(`${MAPS}/ap`, map('ap')),
  'an apply of what another applied': apply(`${MAPS}/ap`, { ...map('ap'), data: { a: '2' } }, 'm2'),
  'an apply with an old version': apply(`${MAPS}/ap`, map('ap', { resourceVersion: '1' })),
  'an apply with another uid': apply(`${MAPS}/ap`, map('ap', { uid: '1' })),
  'an apply without name that would create': apply(`${MAPS}/ap2`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {},
  }),
  'an apply without name': apply(`${MAPS}/ap`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }),
  'a forced merge patch': merge(`${MAPS}/ap?force=true`, {}),
  'an applied Deployment': apply(ssa, deployment),
  'an apply of a scale that another applied': apply(`${ssa}/scale`, scale({ replicas: 3 }), 'm2'),
  'a forced apply of it': apply(`${ssa}/scale`, scale({ replicas: 3 }), 'm2&force=true'),
  'the Deployment after it': get(ssa),
  'an apply against the scale': apply(ssa, deployment),
  'an apply of the status': apply(
    `${ssa}/status`,
    object('Deployment', 'ssa', { status: { replicas: 1 } }, {}, 'apps/v1'),
    'm3',
  ),
  'a merge patch of a scale with a text': merge(`${ssa}/scale`, { spec: { replicas: 'x' } }),
  'a replaced scale by another name': put(`${ssa}/scale`, scale({ replicas: 2 }, { name: 'other' })),
  'a replaced scale of an old version': put(`${ssa}/scale`, scale({ replicas: 2 }, { resourceVersion: '1' })),
  'a replaced scale of another kind': put(`${ssa}/scale`, object('Foo', 'ssa')),
  'a JSON patch of a scale': json(`${ssa}/scale`, [{ op: 'replace', path: '/spec/replicas', value: 2 }]),
  'a replacement with another uid': put(ssa, { ...deployment, metadata: { name: 'ssa', uid: 'x' } }),
  'a replacement for another namespace': put(`${MAPS}/ap`, map('ap', { namespace: 'x' })),
  'a replacement without name': put(`${MAPS}/ap`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }),
  'a replacement without kind': put(`${MAPS}/ap`, { metadata: { name: 'ap' } }),
  'a creation with a text for metadata': post(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: 'x' }),
  'a creation with a list for labels': post(MAPS, map('edge-6', { labels: [] })),
  'a creation of a list': post(MAPS, []),
  'a creation of nothing': post(MAPS, ''),
  'a widget of another kind': post(CUSTOM_RESOURCES, map('x')),
  'a widget of another version': post(CUSTOM_RESOURCES, { ...widget, apiVersion: 'example.com/v2' }),
  'a widget without kind': post(CUSTOM_RESOURCES, { metadata: { name: 'edge' }, spec: { size: 1 } }),
  'a widget at the edge': post(CUSTOM_RESOURCES, widget),
  'a merge patch of its uid': merge(`${CUSTOM_RESOURCES}/edge`, { metadata: { uid: 'x' } }),
  'a deletion with another uid': remove(`${CUSTOM_RESOURCES}/edge`, { preconditions: { uid: 'x' } }),
  'a negative scale of it': merge(`${CUSTOM_RESOURCES}/edge/scale`, { spec: { replicas: -1 } }),
  'widgets by a field': get(`${CUSTOM_RESOURCES}?fieldSelector=spec.size%3D1`),
  'an Event': post(`${DEFAULT}/events`, event('edge-1')),
  'the Event under the new group': get(`${NEW_EVENTS}/edge-1`),
  'an Event under the new group': post(NEW_EVENTS, newEvent),
  'the Event under the old group': get(`${DEFAULT}/events/edge-2`),
  'Events under the new group by reason': get(`${NEW_EVENTS}?fieldSelector=reason%3DEdge`),
  'an Event about another namespace': post(`${DEFAULT}/events`, event('edge-3', 'other')),
  'a NodePort Service': post(SERVICES, service('np', nodePort())),
  'a NodePort Service with a port': post(SERVICES, service('np2', nodePort(30_555))),
  'a NodePort Service with the same port': post(SERVICES, service('np3', nodePort(30_555))),
  'a NodePort Service outside the range': post(SERVICES, service('np3', nodePort(80))),
  'a ClusterIP Service with a port of the nodes': post(
    SERVICES,
    service('np3', { ports: [{ port: 80, nodePort: 30_556 }] }),
  ),
  'a NodePort Service that becomes a ClusterIP': merge(`${SERVICES}/np2`, { spec: { type: 'ClusterIP' } }),
  'a ClusterIP Service that becomes a NodePort': merge(`${SERVICES}/np2`, { spec: { type: 'NodePort' } }),
  'a NodePort Service that becomes a name': merge(`${SERVICES}/np2`, {
    spec: { type: 'ExternalName', externalName: 'a.b' },
  }),
  'a replacement of a NodePort Service': put(`${SERVICES}/np`, service('np', nodePort())),
  'a LoadBalancer Service': post(SERVICES, service('lb', { type: 'LoadBalancer' })),
  'a Service with two addresses of a family': post(SERVICES, service('c2', { clusterIPs: ['10.0.0.9', '10.0.0.9'] })),
  'a Service with two first addresses': post(
    SERVICES,
    service('c2', { clusterIP: '10.0.0.8', clusterIPs: ['10.0.0.9'] }),
  ),
  'a headless Service, dry': post(`${SERVICES}?dryRun=All`, service('c2', { clusterIP: 'None' })),
  'a Service that is a name, dry': post(
    `${SERVICES}?dryRun=All`,
    service('c2', { type: 'ExternalName', externalName: 'a.b' }),
  ),
  'a path with empty parts': get('//api//v1/namespaces'),
  'a path that ends in a slash': get(`${MAPS}/`),
  'a path that leads up': get(`${MAPS}/..%2f..%2fsecrets`),
  'a subresource that is not there': get(`${MAPS}/ap/status`),
  'a collection of namespaces cannot be deleted': remove('/api/v1/namespaces'),
  'a creation of a named object': post(`${MAPS}/x`, map('x')),
  'a replacement of a collection': put(MAPS, map('x')),
  'a patch of a collection': merge(MAPS, {}),
};
