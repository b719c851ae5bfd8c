/** The primary: the stable copy of the target, with the template that was analysed and never one that is read again later. */

import type { Candidate } from '../canary/rollout-record.ts';
import type { KubeObject, OwnerReference } from '../lib/resource.ts';
import { withPrimaryConfigs } from './tracked-configs.ts';
import type { Deployment, PodTemplate } from './workload.ts';

/** On the primary: which revision its template is. */
export const REVISION_ANNOTATION = 'sluice.dev/revision';

type PrimaryInput = {
  target: Deployment;
  label: { key: string; value: string };
  candidate: Candidate;
  owner: OwnerReference;
  /** The primary as it is, if it is. */
  existing?: Deployment | undefined;
};

/** Deployment fields that promotion takes over beside the template. */
const COPIED = ['progressDeadlineSeconds', 'minReadySeconds', 'revisionHistoryLimit', 'strategy'] as const;

export function primaryName(target: string): string {
  return `${target}-primary`;
}

export function renderPrimary({ target, label, candidate, owner, existing }: PrimaryInput): Deployment {
  const { apiVersion, kind, metadata, spec } = target;
  const labels = { [label.key]: `${label.value}-primary` };
  const copied = Object.fromEntries(
    COPIED.filter((field) => spec[field] !== undefined).map((field) => [field, spec[field]]),
  );
  const replicas = existing?.spec.replicas ?? ((spec.replicas ?? 1) > 0 ? (spec.replicas ?? 1) : 1);
  return {
    apiVersion,
    kind,
    metadata: {
      ...existing?.metadata,
      name: primaryName(metadata.name),
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      labels: { ...existing?.metadata.labels, ...labels },
      annotations: { ...existing?.metadata.annotations, [REVISION_ANNOTATION]: candidate.revision },
      ownerReferences: withOwner(existing, owner),
    },
    spec: {
      ...copied,
      replicas,
      // A selector is immutable, so an existing one stays.
      selector: existing?.spec.selector ?? { matchLabels: labels },
      template: primaryTemplate(candidate, labels),
    },
  };
}

function primaryTemplate(candidate: Candidate, labels: Record<string, string>): PodTemplate {
  const template = withPrimaryConfigs(candidate.template as PodTemplate, candidate.configs);
  return { ...template, metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } } };
}

export function withOwner(existing: KubeObject | undefined, owner: OwnerReference): OwnerReference[] {
  return [...(existing?.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.uid), owner];
}
