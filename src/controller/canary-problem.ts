/** Why a Canary cannot be acted on at all: an invalid spec, another Canary on its target, something this version cannot do. */

import type { Canary, CanaryCondition, CanarySpec, CanaryStatus } from '../canary/canary.schema.ts';
import { parseCanarySpec } from '../canary/canary.schema.ts';
import { compilePlan, type RolloutPlan } from '../canary/rollout-plan.ts';
import type { Issue } from '../lib/issue.ts';
import { objectKey } from '../lib/resource.ts';

export type Accepted = { ok: true; spec: CanarySpec; plan: RolloutPlan };
export type Refused = { ok: false; reason: 'Invalid' | 'TargetTaken' | 'Unsupported' | 'KindMissing'; message: string };

/** Providers whose routes are Istio's: a mesh with Istio, and the bundled proxy. */
const PROVIDERS = ['', 'istio', 'sluice'];

export function acceptCanary(canary: Canary, others: readonly Canary[], meshProvider: string): Accepted | Refused {
  const spec = parseCanarySpec(canary);
  if (!spec.ok) return invalid(spec.issues);
  const plan = compilePlan(spec.value);
  if (!plan.ok) return invalid(plan.issues);
  const unsupported = unsupportedField(spec.value, meshProvider);
  if (unsupported !== undefined) return { ok: false, reason: 'Unsupported', message: unsupported };
  const older = others.find((other) => isOlder(other, canary) && sameTarget(other, spec.value));
  if (older !== undefined) {
    const message = `${spec.value.targetRef.kind} ${spec.value.targetRef.name} belongs to Canary ${older.metadata.name} already`;
    return { ok: false, reason: 'TargetTaken', message };
  }
  return { ok: true, spec: spec.value, plan: plan.value };
}

/** The status with a condition `Accepted` that says no and why; everything else stays as it was. */
export function refusedStatus({ status, metadata }: Canary, { reason, message }: Refused, now: string): CanaryStatus {
  const known = status?.conditions?.find(({ type }) => type === 'Accepted');
  const isSame = known?.reason === reason && known.message === message;
  const condition: CanaryCondition = {
    type: 'Accepted',
    status: 'False',
    ...{ reason, message },
    lastUpdateTime: isSame ? (known.lastUpdateTime ?? now) : now,
    lastTransitionTime: known === undefined ? now : (known.lastTransitionTime ?? now),
  };
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'Accepted');
  const observedGeneration = metadata.generation;
  return {
    ...status,
    ...(observedGeneration !== undefined && { observedGeneration }),
    conditions: [...others, condition],
  };
}

function invalid(issues: readonly Issue[]): Refused {
  const message = issues.map(({ path, message: text }) => `${path} ${text}`).join('; ');
  return { ok: false, reason: 'Invalid', message };
}

function unsupportedField(
  { targetRef, provider, service, analysis, autoscalerRef }: CanarySpec,
  meshProvider: string,
): string | undefined {
  if (targetRef.kind !== 'Deployment') return `spec.targetRef.kind must be Deployment: got ${targetRef.kind}`;
  if (autoscalerRef?.kind === 'ScaledObject') return 'spec.autoscalerRef.kind ScaledObject is not supported';
  const effective = provider ?? meshProvider;
  if (!PROVIDERS.includes(effective)) return `spec.provider must be istio or sluice: got ${effective}`;
  if (service === undefined) return 'spec.service is missing: without a port there is nothing to route';
  if (analysis.sessionAffinity !== undefined) return 'spec.analysis.sessionAffinity is not supported';
  if (service.appProtocol?.toLowerCase() === 'tcp') return 'spec.service.appProtocol tcp is not supported';
  return undefined;
}

function sameTarget(other: Canary, { targetRef }: CanarySpec): boolean {
  const theirs = (other.spec as Partial<CanarySpec> | undefined)?.targetRef;
  return theirs?.kind === targetRef.kind && theirs.name === targetRef.name;
}

/** The first one keeps the target; of two made in the same second, the one whose name sorts first. */
function isOlder(other: Canary, canary: Canary): boolean {
  if (
    objectKey(other.metadata) === objectKey(canary.metadata) ||
    other.metadata.namespace !== canary.metadata.namespace
  )
    return false;
  const rank = ({ metadata }: Canary) => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return rank(other) < rank(canary);
}
