/**
 * What a pod asks for that a process on the host cannot be given. Running it anyhow would pretend: so it is refused with the path of
 * the field, and what is merely not enforced is warned about.
 */

import type { Issue } from '../../lib/issue.ts';
import type { Container, Pod } from './pod.ts';

export type Inspection = { refusals: readonly Issue[]; warnings: readonly Issue[] };

/** Fields of a pod that have no meaning without containers, and what to do instead. */
const REFUSED_POD_FIELDS: Record<string, string> = {
  ephemeralContainers: 'ephemeral containers cannot be attached to a process',
  hostNetwork: 'pods are processes and have no network of their own: remove the field',
  hostPID: 'pods are processes and share the host already: remove the field',
  hostIPC: 'pods are processes and share the host already: remove the field',
  readinessGates: 'readiness gates are not evaluated here: remove the field',
  runtimeClassName: 'there is no container runtime to choose',
  resourceClaims: 'devices cannot be claimed for a process',
  hostAliases: 'a process sees the names that the host sees',
};

/** Fields that say where or how well a pod runs; the process runs all the same. */
const WARNED_POD_FIELDS: Record<string, string> = {
  nodeSelector: 'ignored, because there is one node',
  affinity: 'ignored, because there is one node',
  dnsConfig: 'ignored, because a process resolves names as the host does',
};

const REFUSED_CONTAINER_FIELDS: Record<string, string> = {
  volumeDevices: 'block devices cannot be attached to a process',
  stdin: 'processes here have no standard input',
  tty: 'processes here have no terminal',
};

/** Pure: the same pod gives the same answer. */
export function inspectPod({ spec }: Pod): Inspection {
  const refusals: Issue[] = [];
  const warnings: Issue[] = [];
  const refuse = (path: string, message: string) => refusals.push({ path, message });

  for (const [field, message] of Object.entries(REFUSED_POD_FIELDS))
    if (isSet(spec[field])) refuse(`spec.${field}`, message);
  for (const [field, message] of Object.entries(WARNED_POD_FIELDS)) {
    if (isSet(spec[field])) warnings.push({ path: `spec.${field}`, message });
  }
  if (isSet(spec.securityContext)) refuse('spec.securityContext', 'a process runs as the user of the platform');
  if (isSet(spec.initContainers)) refuse('spec.initContainers', 'init containers are not run here');
  if (1 < spec.containers.length)
    refuse('spec.containers[1]', `a pod has one container here: got ${spec.containers.length}`);
  const ignored = inspectVolumes(spec, refuse);
  for (const [index, container] of spec.containers.entries()) {
    const path = `spec.containers[${index}]`;
    inspectContainer(container, path, refuse);
    for (const [mount, { name }] of (container.volumeMounts ?? []).entries()) {
      if (!ignored.has(name))
        refuse(`${path}.volumeMounts[${mount}]`, `volume ${name} cannot be mounted for a process`);
    }
    const limits = Object.keys(container.resources?.limits ?? {});
    if (0 < limits.length) {
      warnings.push({ path: `${path}.resources.limits`, message: `${limits.join(', ')} recorded, but not enforced` });
    }
  }
  return { refusals, warnings };
}

/** Names of the volumes that may be left out: the token that ServiceAccount admission adds to every pod. */
function inspectVolumes({ volumes = [] }: Pod['spec'], refuse: (path: string, message: string) => void): Set<string> {
  const ignored = new Set<string>();
  for (const [index, volume] of volumes.entries()) {
    if (volume.projected !== undefined && volume.name.startsWith('kube-api-access-')) ignored.add(volume.name);
    else {
      const kind = Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
      refuse(
        `spec.volumes[${index}].${kind}`,
        'a process has no file system of its own: pass the values by env, or use a path',
      );
    }
  }
  return ignored;
}

function inspectContainer(container: Container, path: string, refuse: (path: string, message: string) => void): void {
  if ((container.command ?? []).length === 0) {
    refuse(
      `${path}.command`,
      `is required, because an image (${container.image ?? 'none'}) cannot be run as a process`,
    );
  }
  for (const [field, message] of Object.entries(REFUSED_CONTAINER_FIELDS)) {
    if (isSet(container[field])) refuse(`${path}.${field}`, message);
  }
  if (isSet(container.securityContext)) refuse(`${path}.securityContext`, 'a process runs as the user of the platform');
  if (isSet(container.lifecycle?.postStart)) refuse(`${path}.lifecycle.postStart`, 'is not run here');
  for (const handler of Object.keys(container.lifecycle?.preStop ?? {})) {
    if (handler !== 'exec') refuse(`${path}.lifecycle.preStop.${handler}`, 'only exec is run here');
  }
  for (const probe of ['readinessProbe', 'livenessProbe', 'startupProbe'] as const) {
    if (isSet(container[probe]?.grpc)) refuse(`${path}.${probe}.grpc`, 'use httpGet, tcpSocket or exec');
  }
  for (const [index, { valueFrom }] of (container.env ?? []).entries()) {
    if (isSet(valueFrom?.resourceFieldRef)) {
      refuse(`${path}.env[${index}].valueFrom.resourceFieldRef`, 'resources are not measured for a process');
    }
  }
}

/** API servers fill in empty objects, lists and `false`: they ask for nothing. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return typeof value === 'object' ? 0 < Object.keys(value).length : true;
}
