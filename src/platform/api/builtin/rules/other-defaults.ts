/** Defaults of the kinds that have few. */

import type { KubeObject } from '../../../../lib/resource.ts';
import { type Fields, fieldsAt, isFields, listAt, textAt } from '../field-access.ts';
import { defaultPodSpec, defaultRequests } from './pod-defaults.ts';
import { childOf, setDefault } from './set-default.ts';

/** How long a pod stays on a node that is not ready, unless it says otherwise. */
const EVICTION_SECONDS = 300;

/** Also what the admission plugins of a real server add, but for the token volume: processes have no use for it. */
export function defaultPod(object: KubeObject): void {
  const spec = childOf(object, 'spec');
  defaultPodSpec(spec);
  defaultRequests(spec);
  setDefault(spec, 'enableServiceLinks', true);
  setDefault(spec, 'serviceAccountName', 'default');
  setDefault(spec, 'serviceAccount', spec.serviceAccountName);
  setDefault(spec, 'priority', 0);
  setDefault(spec, 'preemptionPolicy', 'PreemptLowerPriority');
  const tolerations = [...listAt(spec, 'tolerations')];
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    if (!tolerations.some((toleration) => toleration.key === key || toleration.key === undefined)) {
      tolerations.push({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: EVICTION_SECONDS });
    }
  }
  spec.tolerations = tolerations;
}

export function defaultSecret(object: KubeObject): void {
  setDefault(object, 'type', 'Opaque');
  const plain = fieldsAt(object, 'stringData');
  if (Object.keys(plain).length > 0) {
    const encoded = Object.entries(plain).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
    object.data = { ...fieldsAt(object, 'data'), ...Object.fromEntries(encoded) };
  }
  delete object.stringData;
}

export function defaultCrd(object: KubeObject): void {
  const spec = childOf(object, 'spec');
  const names = childOf(spec, 'names');
  const kind = textAt(names, 'kind');
  if (kind) {
    setDefault(names, 'singular', kind.toLowerCase());
    setDefault(names, 'listKind', `${kind}List`);
  }
  setDefault(childOf(spec, 'conversion'), 'strategy', 'None');
}

const SCALE_UP_POLICIES = [
  { periodSeconds: 15, type: 'Pods', value: 4 },
  { periodSeconds: 15, type: 'Percent', value: 100 },
];
const SCALE_DOWN_POLICIES = [{ periodSeconds: 15, type: 'Percent', value: 100 }];

export function defaultAutoscaler(object: KubeObject): void {
  const spec = childOf(object, 'spec');
  setDefault(spec, 'minReplicas', 1);
  if (listAt(spec, 'metrics').length === 0) {
    const target = { averageUtilization: 80, type: 'Utilization' };
    spec.metrics = [{ resource: { name: 'cpu', target }, type: 'Resource' }];
  }
  if (!isFields(spec.behavior)) return;
  const { scaleUp, scaleDown } = spec.behavior;
  spec.behavior.scaleUp = direction(scaleUp, { stabilizationWindowSeconds: 0, policies: SCALE_UP_POLICIES });
  spec.behavior.scaleDown = direction(scaleDown, { policies: SCALE_DOWN_POLICIES });
}

function direction(given: unknown, defaults: Fields): Fields {
  return { ...structuredClone(defaults), selectPolicy: 'Max', ...(isFields(given) ? given : {}) };
}
