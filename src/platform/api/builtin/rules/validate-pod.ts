/** Validation of a pod's spec, in a Pod and in the template of a workload: pkg/apis/core/validation of Kubernetes. */

import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../../../../kube/kube-client.ts';
import type { KubeObject } from '../../../../lib/resource.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../schema/causes.ts';
import { labelFaults } from '../../schema/names.ts';
import { type Fields, fieldsAt, listAt, textAt } from '../field-access.ts';
import { validateContainer } from './validate-container.ts';
import { validateVolumes } from './validate-volumes.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const MUTABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function validatePod(object: KubeObject, old?: KubeObject): StatusCause[] {
  const spec = fieldsAt(object, 'spec');
  const causes = validatePodSpec(spec, 'spec');
  if (old === undefined || isDeepStrictEqual(frozenPart(spec), frozenPart(fieldsAt(old, 'spec')))) return causes;
  return [...causes, forbidden('spec', MUTABLE)];
}

/** @param path of the spec */
export function validatePodSpec(spec: Fields, path: string): StatusCause[] {
  const { restartPolicy, dnsPolicy } = spec;
  return [
    ...validateVolumes(spec, path),
    ...validateContainers(spec, path),
    ...(restartPolicy === undefined ? [] : oneOf(restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`)),
    ...(dnsPolicy === undefined ? [] : oneOf(dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`)),
  ];
}

function validateContainers(spec: Fields, path: string): StatusCause[] {
  const containers = listAt(spec, 'containers');
  if (containers.length === 0) return [required(`${path}.containers`)];
  const volumes = listAt(spec, 'volumes').map((volume) => textAt(volume, 'name') ?? '');
  const seen = new Set<string>();
  const visit = (list: string) => (container: Fields, index: number) => {
    const own = `${path}.${list}[${index}]`;
    const name = textAt(container, 'name') ?? '';
    const repeated = seen.has(name) && name !== '';
    seen.add(name);
    return [
      ...validateName(name, own),
      ...(repeated ? [duplicate(`${own}.name`, name)] : []),
      ...validateContainer(container, { path: own, volumes }),
    ];
  };
  return [
    ...containers.flatMap(visit('containers')),
    ...listAt(spec, 'initContainers').flatMap(visit('initContainers')),
  ];
}

function validateName(name: string, path: string): StatusCause[] {
  if (name === '') return [required(`${path}.name`)];
  return labelFaults(name).map((fault) => invalid(`${path}.name`, name, fault));
}

function oneOf(value: unknown, allowed: readonly string[], field: string): StatusCause[] {
  return allowed.includes(String(value)) ? [] : [notSupported(field, value, allowed)];
}

/** What of a pod's spec may not change once it exists: all but images, deadlines and added tolerations. */
function frozenPart(spec: Fields): Fields {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, nodeName: _node, ...rest } = spec;
  const withoutImages = (list: string) => listAt(spec, list).map(({ image: _image, ...container }) => container);
  return { ...rest, containers: withoutImages('containers'), initContainers: withoutImages('initContainers') };
}
