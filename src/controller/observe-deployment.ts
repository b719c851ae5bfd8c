/** Whether the pods of a Deployment are there, and if not, why, in a clause (Kubernetes: "Deployment status", flagger.md 2.12). */

import type { ObservedPods } from '../canary/observed.ts';
import type { Deployment } from './workload.ts';

/** @param thresholdPercent share of the newest pods that must be available */
export function observeDeployment({ metadata, spec, status = {} }: Deployment, thresholdPercent = 100): ObservedPods {
  const replicas = spec.replicas ?? 1;
  const readyReplicas = status.readyReplicas ?? 0;
  const base = { replicas, readyReplicas };
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    return { ...base, ready: false, reason: 'the newest change is not observed yet' };
  }
  const failed = deadlineMessage(status);
  const reason = reasonOf(replicas, status, thresholdPercent);
  if (failed !== undefined) return { ...base, ready: false, failed, reason: failed };
  return reason === undefined
    ? { ...base, ready: true, reason: 'all pods available' }
    : { ...base, ready: false, reason };
}

function reasonOf(
  replicas: number,
  status: NonNullable<Deployment['status']>,
  thresholdPercent: number,
): string | undefined {
  const updated = status.updatedReplicas ?? 0;
  const available = status.availableReplicas ?? 0;
  if (updated < replicas) return `${updated} of ${replicas} pods updated`;
  if (updated < (status.replicas ?? 0)) return `${(status.replicas ?? 0) - updated} old pods still running`;
  if (available < Math.floor((updated * thresholdPercent) / 100)) return `${available} of ${updated} pods available`;
  return undefined;
}

function deadlineMessage({ conditions = [] }: NonNullable<Deployment['status']>): string | undefined {
  const progressing = conditions.find(({ type }) => type === 'Progressing');
  if (progressing?.reason !== 'ProgressDeadlineExceeded') return undefined;
  return progressing.message ?? 'the Deployment exceeded its progress deadline';
}
