/** Defaults of a pod's spec, in a Pod and in the template of a workload: pkg/apis/core/v1/defaults.go of Kubernetes. */

import { type Fields, fieldsAt, isFields, listAt, textAt } from '../field-access.ts';
import { childOf, setDefault } from './set-default.ts';

const FILE_MODE = 0o644;

/** Fills in `spec`, in place. */
export function defaultPodSpec(spec: Fields): void {
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'terminationGracePeriodSeconds', 30);
  setDefault(spec, 'schedulerName', 'default-scheduler');
  setDefault(spec, 'securityContext', {});
  const account = textAt(spec, 'serviceAccountName') ?? textAt(spec, 'serviceAccount');
  if (account !== undefined) Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
  for (const list of ['containers', 'initContainers', 'ephemeralContainers'])
    listAt(spec, list).forEach(defaultContainer);
  if (spec.hostNetwork === true) {
    for (const port of listAt(spec, 'containers').flatMap((container) => listAt(container, 'ports'))) {
      setDefault(port, 'hostPort', port.containerPort);
    }
  }
  listAt(spec, 'volumes').forEach(defaultVolume);
}

/** A Pod itself (no template) also asks for what it limits. */
export function defaultRequests(spec: Fields): void {
  for (const container of [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')]) {
    const limits = fieldsAt(container, 'resources', 'limits');
    if (Object.keys(limits).length === 0) continue;
    const requests = childOf(childOf(container, 'resources'), 'requests');
    for (const [name, quantity] of Object.entries(limits)) setDefault(requests, name, quantity);
  }
}

function defaultContainer(container: Fields): void {
  setDefault(container, 'terminationMessagePath', '/dev/termination-log');
  setDefault(container, 'terminationMessagePolicy', 'File');
  const image = textAt(container, 'image');
  if (image !== undefined) setDefault(container, 'imagePullPolicy', isLatest(image) ? 'Always' : 'IfNotPresent');
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (isFields(container[probe])) defaultProbe(container[probe]);
  }
  for (const hook of ['postStart', 'preStop']) defaultHttpGet(fieldsAt(container, 'lifecycle', hook));
  for (const variable of listAt(container, 'env')) {
    const reference = fieldsAt(variable, 'valueFrom').fieldRef;
    if (isFields(reference)) setDefault(reference, 'apiVersion', 'v1');
    const resource = fieldsAt(variable, 'valueFrom').resourceFieldRef;
    if (isFields(resource)) setDefault(resource, 'divisor', '0');
  }
}

/** Without a tag, or with the tag `latest`, an image is always pulled; with a digest it cannot change. */
function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

function defaultProbe(probe: Fields): void {
  setDefault(probe, 'timeoutSeconds', 1);
  setDefault(probe, 'periodSeconds', 10);
  setDefault(probe, 'successThreshold', 1);
  setDefault(probe, 'failureThreshold', 3);
  defaultHttpGet(probe);
  if (isFields(probe.grpc)) setDefault(probe.grpc, 'service', '');
}

function defaultHttpGet(handler: Fields): void {
  if (!isFields(handler.httpGet)) return;
  setDefault(handler.httpGet, 'path', '/');
  setDefault(handler.httpGet, 'scheme', 'HTTP');
}

function defaultVolume(volume: Fields): void {
  if (Object.keys(volume).length === 1) volume.emptyDir = {};
  for (const name of ['configMap', 'secret', 'downwardAPI', 'projected']) {
    if (isFields(volume[name])) setDefault(volume[name], 'defaultMode', FILE_MODE);
  }
  if (isFields(volume.hostPath)) setDefault(volume.hostPath, 'type', '');
  const references = [
    volume.downwardAPI,
    ...listAt(volume, 'projected', 'sources').map((source) => source.downwardAPI),
  ];
  for (const item of references.flatMap((source) => listAt(source, 'items'))) {
    if (isFields(item.fieldRef)) setDefault(item.fieldRef, 'apiVersion', 'v1');
  }
  for (const source of listAt(volume, 'projected', 'sources')) {
    if (isFields(source.serviceAccountToken)) setDefault(source.serviceAccountToken, 'expirationSeconds', 3600);
  }
}
