/** A new pod waits for a node; its quality of service follows from what its containers ask for. */

import type { KubeObject } from '../../../lib/resource.ts';
import { fieldsAt, listAt } from '../builtin/field-access.ts';
import type { KindRule } from './kind-rule.ts';

export const podRule: KindRule = {
  prepare(object) {
    object.status = { phase: 'Pending', qosClass: qosClassOf(object) };
  },
};

/** Kubernetes' classes: Guaranteed needs cpu and memory limits, equal to the requests, in every container. */
function qosClassOf(pod: KubeObject): string {
  const containers = [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')];
  const resources = containers.map((container) => ({
    limits: fieldsAt(container, 'resources', 'limits'),
    requests: fieldsAt(container, 'resources', 'requests'),
  }));
  const names = ['cpu', 'memory'];
  const asksForAny = resources.some(({ limits, requests }) =>
    names.some((name) => limits[name] !== undefined || requests[name] !== undefined),
  );
  if (!asksForAny) return 'BestEffort';
  const guaranteed = resources.every(({ limits, requests }) =>
    names.every((name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name]),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
