/** The annotations by which Deployment and ReplicaSets remember revisions and scale, as kubectl reads them. Pure. */

import { instantOf } from './pod-facts.ts';
import { sameTemplate } from './pod-template-hash.ts';
import type { Deployment, ReplicaSet } from './workload-objects.ts';

const PREFIX = 'deployment.kubernetes.io';
export const REVISION = `${PREFIX}/revision`;
export const REVISION_HISTORY = `${PREFIX}/revision-history`;
export const DESIRED_REPLICAS = `${PREFIX}/desired-replicas`;
export const MAX_REPLICAS = `${PREFIX}/max-replicas`;

// What the Deployment says of itself, or what differs from set to set, is not copied to its ReplicaSets.
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);
const HISTORY_LENGTH_MAX = 2_000;

/** The ReplicaSet of the current template and all others, oldest first. */
export function splitByTemplate(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
): { newSet: ReplicaSet | undefined; oldSets: readonly ReplicaSet[] } {
  const oldestFirst = [...replicaSets].sort(byAge);
  const newSet = oldestFirst.find(({ spec }) => sameTemplate(spec.template, deployment.spec.template));
  return { newSet, oldSets: oldestFirst.filter((set) => set !== newSet) };
}

function byAge(one: ReplicaSet, other: ReplicaSet): number {
  const ages = instantOf(one.metadata.creationTimestamp) - instantOf(other.metadata.creationTimestamp);
  return ages !== 0 ? ages : one.metadata.name < other.metadata.name ? -1 : 1;
}

/** The number of a revision; 0 when the ReplicaSet carries none. */
export function revisionOf({ metadata }: ReplicaSet): number {
  const revision = Number(metadata.annotations?.[REVISION]);
  return Number.isSafeInteger(revision) ? revision : 0;
}

/** The revision that the set of the current template has to carry: one more than any older one. */
export function nextRevision(oldSets: readonly ReplicaSet[]): number {
  return 1 + Math.max(0, ...oldSets.map(revisionOf));
}

/**
 * The annotations of the ReplicaSet of the current template: those of the Deployment (the cause of a change among them), and
 * the revision. A set that comes back after an undo gets a new revision and remembers the old one.
 */
export function newSetAnnotations(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  oldSets: readonly ReplicaSet[],
): Record<string, string> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key));
  const annotations: Record<string, string> = { ...newSet?.metadata.annotations, ...Object.fromEntries(copied) };
  const revision = nextRevision(oldSets);
  const before = newSet === undefined ? 0 : revisionOf(newSet);
  if (before >= revision) return annotations;
  if (before > 0) annotations[REVISION_HISTORY] = withRevision(annotations[REVISION_HISTORY], before);
  return { ...annotations, [REVISION]: String(revision) };
}

function withRevision(history: string | undefined, revision: number): string {
  let revisions = [...(history === undefined || history === '' ? [] : history.split(',')), String(revision)];
  while (revisions.join(',').length > HISTORY_LENGTH_MAX) revisions = revisions.slice(1);
  return revisions.join(',');
}
