/** The columns that `kubectl get` shows of the built-in kinds: the same headers and cell texts as the real server. */

import type { KubeObject } from '../../../lib/resource.ts';
import type { PrinterColumn } from '../kind.ts';
import { autoscalerTargets } from './autoscaler-columns.ts';
import { ageOf } from './duration-text.ts';
import { eventCount, eventSource, firstSeen, lastSeen, regardingText } from './event-columns.ts';
import { at, type Fields, fieldsAt, listAt, numberAt, textAt } from './field-access.ts';
import { podReady, podRestarts, podStatus } from './pod-columns.ts';

type Cell = PrinterColumn['cell'];

const column = (name: string, cell: Cell, extra: Partial<PrinterColumn> = {}): PrinterColumn => ({
  name,
  type: 'string',
  priority: 0,
  cell,
  ...extra,
});
const wide = (name: string, cell: Cell): PrinterColumn => column(name, cell, { priority: 1 });
const number = (name: string, ...path: string[]): PrinterColumn =>
  column(name, (object) => numberAt(object, ...path) ?? 0, { type: 'integer' });

const name = column('Name', ({ metadata }) => metadata.name, { format: 'name' });
const age = column('Age', ({ metadata }, now) => ageOf(metadata.creationTimestamp, now));

const NODE_ADDRESS = (type: string) => (object: KubeObject) =>
  textAt(listAt(object, 'status', 'addresses').find((address) => address.type === type) ?? {}, 'address') ?? '<none>';

/** By `apiVersion/kind`; a kind without a row has name and age. */
export const PRINTER_COLUMNS: Record<string, readonly PrinterColumn[]> = {
  'v1/Namespace': [name, column('Status', (object) => textAt(object, 'status', 'phase') ?? ''), age],
  'v1/Node': [
    name,
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    age,
    column('Version', (object) => textAt(object, 'status', 'nodeInfo', 'kubeletVersion') ?? ''),
    wide('Internal-IP', NODE_ADDRESS('InternalIP')),
    wide('External-IP', NODE_ADDRESS('ExternalIP')),
    wide('OS-Image', (object) => textAt(object, 'status', 'nodeInfo', 'osImage') || '<unknown>'),
    wide('Kernel-Version', (object) => textAt(object, 'status', 'nodeInfo', 'kernelVersion') || '<unknown>'),
    wide(
      'Container-Runtime',
      (object) => textAt(object, 'status', 'nodeInfo', 'containerRuntimeVersion') || '<unknown>',
    ),
  ],
  'v1/Pod': [
    name,
    column('Ready', podReady),
    column('Status', podStatus),
    column('Restarts', podRestarts),
    age,
    wide('IP', (object) => textAt(object, 'status', 'podIP') || '<none>'),
    wide('Node', (object) => textAt(object, 'spec', 'nodeName') || '<none>'),
    wide('Nominated Node', (object) => textAt(object, 'status', 'nominatedNodeName') || '<none>'),
    wide('Readiness Gates', () => '<none>'),
  ],
  'v1/Service': [
    name,
    column('Type', (object) => textAt(object, 'spec', 'type') ?? ''),
    column('Cluster-IP', (object) => textAt(object, 'spec', 'clusterIP') || '<none>'),
    column('External-IP', externalAddress),
    column('Port(s)', servicePorts),
    age,
    wide('Selector', (object) => labelsText(fieldsAt(object, 'spec', 'selector'))),
  ],
  'v1/Endpoints': [name, column('Endpoints', endpointsText), age],
  'v1/ConfigMap': [name, column('Data', (object) => count(object, 'data') + count(object, 'binaryData')), age],
  'v1/Secret': [
    name,
    column('Type', (object) => textAt(object, 'type') ?? ''),
    column('Data', (object) => count(object, 'data')),
    age,
  ],
  'v1/ServiceAccount': [name, column('Secrets', (object) => listAt(object, 'secrets').length), age],
  'v1/Event': [
    column('Last Seen', lastSeen),
    column('Type', (object) => textAt(object, 'type') ?? ''),
    column('Reason', (object) => textAt(object, 'reason') ?? ''),
    column('Object', regardingText),
    wide('Subobject', (object) => textAt(object, 'involvedObject', 'fieldPath') ?? ''),
    wide('Source', eventSource),
    column('Message', (object) => (textAt(object, 'message') ?? textAt(object, 'note') ?? '').trim()),
    wide('First Seen', firstSeen),
    wide('Count', (object) => String(eventCount(object))),
    wide('Name', ({ metadata }) => metadata.name),
  ],
  'apps/v1/Deployment': [
    name,
    column(
      'Ready',
      (object) => `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 0}`,
    ),
    column('Up-to-date', (object) => numberAt(object, 'status', 'updatedReplicas') ?? 0),
    column('Available', (object) => numberAt(object, 'status', 'availableReplicas') ?? 0),
    age,
    ...workloadColumns(),
  ],
  'apps/v1/ReplicaSet': [
    name,
    number('Desired', 'spec', 'replicas'),
    number('Current', 'status', 'replicas'),
    number('Ready', 'status', 'readyReplicas'),
    age,
    ...workloadColumns(),
  ],
  'apps/v1/DaemonSet': [
    name,
    number('Desired', 'status', 'desiredNumberScheduled'),
    number('Current', 'status', 'currentNumberScheduled'),
    number('Ready', 'status', 'numberReady'),
    number('Up-to-date', 'status', 'updatedNumberScheduled'),
    number('Available', 'status', 'numberAvailable'),
    column('Node Selector', (object) => labelsText(fieldsAt(object, 'spec', 'template', 'spec', 'nodeSelector'))),
    age,
    ...workloadColumns(),
  ],
  'apps/v1/StatefulSet': [
    name,
    column(
      'Ready',
      (object) => `${numberAt(object, 'status', 'readyReplicas') ?? 0}/${numberAt(object, 'spec', 'replicas') ?? 0}`,
    ),
    age,
    ...workloadColumns().slice(0, 2),
  ],
  'apps/v1/ControllerRevision': [
    name,
    column('Controller', ({ metadata }) => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
      if (owner === undefined) return '<none>';
      const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
      return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
    }),
    number('Revision', 'revision'),
    age,
  ],
  'discovery.k8s.io/v1/EndpointSlice': [
    name,
    column('AddressType', (object) => textAt(object, 'addressType') ?? ''),
    column('Ports', (object) => listText(listAt(object, 'ports').map((port) => String(port.port ?? '*')))),
    column('Endpoints', (object) =>
      listText(listAt(object, 'endpoints').flatMap((endpoint) => endpoint.addresses as string[])),
    ),
    age,
  ],
  'coordination.k8s.io/v1/Lease': [
    name,
    column('Holder', (object) => textAt(object, 'spec', 'holderIdentity') ?? ''),
    age,
  ],
  'autoscaling/v2/HorizontalPodAutoscaler': [
    name,
    column(
      'Reference',
      (object) =>
        `${textAt(object, 'spec', 'scaleTargetRef', 'kind')}/${textAt(object, 'spec', 'scaleTargetRef', 'name')}`,
    ),
    column('Targets', autoscalerTargets),
    column('MinPods', (object) => String(at(object, 'spec', 'minReplicas') ?? '<unset>')),
    column('MaxPods', (object) => numberAt(object, 'spec', 'maxReplicas') ?? 0),
    column('Replicas', (object) => numberAt(object, 'status', 'currentReplicas') ?? 0),
    age,
  ],
  'apiextensions.k8s.io/v1/CustomResourceDefinition': [
    name,
    column('Created At', ({ metadata }) => metadata.creationTimestamp ?? '<unknown>', { type: 'date' }),
  ],
};

export const DEFAULT_COLUMNS: readonly PrinterColumn[] = [name, age];
PRINTER_COLUMNS['events.k8s.io/v1/Event'] = PRINTER_COLUMNS['v1/Event'] ?? DEFAULT_COLUMNS;

function workloadColumns(): PrinterColumn[] {
  const containers = (object: KubeObject) => listAt(object, 'spec', 'template', 'spec', 'containers');
  return [
    wide('Containers', (object) =>
      containers(object)
        .map((container) => textAt(container, 'name') ?? '')
        .join(','),
    ),
    wide('Images', (object) =>
      containers(object)
        .map((container) => textAt(container, 'image') ?? '')
        .join(','),
    ),
    wide('Selector', (object) => selectorText(fieldsAt(object, 'spec', 'selector'))),
  ];
}

function nodeStatus(object: KubeObject): string {
  const ready = listAt(object, 'status', 'conditions').find(({ type }) => type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return at(object, 'spec', 'unschedulable') === true ? `${text},SchedulingDisabled` : text;
}

function nodeRoles({ metadata }: KubeObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(metadata.labels ?? {}).filter((label) => label.startsWith(prefix) && label !== prefix);
  return (
    roles
      .map((label) => label.slice(prefix.length))
      .sort()
      .join(',') || '<none>'
  );
}

function servicePorts(object: KubeObject): string {
  const texts = listAt(object, 'spec', 'ports').map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol ?? 'TCP'}` : `${port}/${protocol ?? 'TCP'}`,
  );
  return texts.join(',') || '<none>';
}

function externalAddress(object: KubeObject): string {
  const declared = at(object, 'spec', 'externalIPs');
  const type = textAt(object, 'spec', 'type');
  if (type === 'ExternalName') return textAt(object, 'spec', 'externalName') ?? '';
  const ingress = listAt(object, 'status', 'loadBalancer', 'ingress').map(({ ip, hostname }) => String(ip ?? hostname));
  const addresses = [...(type === 'LoadBalancer' ? ingress : []), ...(Array.isArray(declared) ? declared : [])];
  return addresses.join(',') || (type === 'LoadBalancer' ? '<pending>' : '<none>');
}

function endpointsText(object: KubeObject): string {
  const all = listAt(object, 'subsets').flatMap((subset) => {
    const ports = listAt(subset, 'ports');
    const addresses = listAt(subset, 'addresses').map(({ ip }) => String(ip));
    return ports.length === 0
      ? addresses
      : ports.flatMap(({ port }) => addresses.map((address) => `${address}:${port}`));
  });
  return listText(all, '<none>');
}

/** Three at most, then how many more, as the real server does. */
function listText(texts: readonly string[], none = '<unset>'): string {
  if (texts.length === 0) return none;
  const shown = texts.slice(0, 3).join(',');
  return texts.length > 3 ? `${shown} + ${texts.length - 3} more...` : shown;
}

function count(object: KubeObject, field: string): number {
  return Object.keys(fieldsAt(object, field)).length;
}

function labelsText(labels: Fields): string {
  const texts = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  return texts.join(',') || '<none>';
}

function selectorText(selector: Fields): string {
  const labels = labelsText(fieldsAt(selector, 'matchLabels'));
  const expressions = listAt(selector, 'matchExpressions').map(({ key, operator, values }) => {
    const set = Array.isArray(values) ? `(${[...values].sort().join(',')})` : '';
    if (operator === 'Exists') return `${key}`;
    return operator === 'DoesNotExist' ? `!${key}` : `${key} ${operator === 'In' ? 'in' : 'notin'} ${set}`;
  });
  return [...(labels === '<none>' ? [] : [labels]), ...expressions].join(',') || '<none>';
}
