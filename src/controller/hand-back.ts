/**
 * The end of a Canary: the target takes the traffic over before anything that serves goes away, whatever `revertOnDeletion` says.
 * Each call does the next step and says whether all of them are done; a crash between two repeats one.
 *
 * Target up and ready → routes to it → the apex Service selects it and is nobody's → generated routes go → finalizer goes.
 */

import { isWritten } from '../canary/action-plan.ts';
import type { DesiredRoutes } from '../canary/desired.ts';
import { DEPLOYMENT, SERVICE } from '../kube/resource-types.ts';
import { canonicalJson } from '../lib/canonical-json.ts';
import type { EpochMs } from '../lib/clock.ts';
import type { KubeObject, ResourceType } from '../lib/resource.ts';
import { DESTINATION_RULE, VIRTUAL_SERVICE } from '../mesh/istio-kinds.ts';
import { FIELD_MANAGER, type Hands, scale, writeRoutes } from './act.ts';
import { isOwnedBy, originalSpec } from './canary-routes.ts';
import { releasedService } from './canary-services.ts';
import type { World } from './gather.ts';

/** When a step was first seen done; the next one waits for requests under way. Lost in a restart, which costs one wait. */
export type HandBackProgress = { routedAt?: EpochMs; servedAt?: EpochMs; unroutedAt?: EpochMs };

export type HandBackAnswer = { done: boolean; wakeAt?: EpochMs };

const TO_TARGET: DesiredRoutes = { weight: 100, match: [], mirrorPercent: 0, stage: 'handing-back' };

export async function handBack(world: World, progress: HandBackProgress, hands: Hands): Promise<HandBackAnswer> {
  const { observed, target, primary, label, spec } = world;
  const { at, drainMs } = observed;
  // Without a generated primary nothing was taken from the target; without a target nobody could take over.
  if (target === undefined || label === undefined || primary === undefined) return { done: true };
  const pods = observed.target;
  if (pods?.replicas === 0) await scale(spec.targetRef.name, Math.max(1, primary.spec.replicas ?? 1), world, hands);
  if (pods === undefined || pods.replicas === 0 || !pods.ready) return targetOverdue(world, hands);

  if (world.virtualService !== undefined && progress.unroutedAt === undefined && progress.servedAt === undefined) {
    if (!isWritten(TO_TARGET, observed.routes)) {
      await writeRoutes(TO_TARGET, world, hands);
      return { done: false, wakeAt: at + drainMs };
    }
    // A data plane that is gone for good must not keep the Canary for ever.
    const deadline = deadlineOf(world);
    if (observed.routes?.acknowledged === false && at < deadline) return { done: false, wakeAt: deadline };
    progress.routedAt ??= at;
    const settleMs =
      observed.routes?.acknowledged === undefined ? Math.max(drainMs, observed.plan.intervalMs) : drainMs;
    if (at < progress.routedAt + settleMs) return { done: false, wakeAt: progress.routedAt + settleMs };
  }
  await releaseApex(world, label, hands);
  progress.servedAt ??= at;
  if (at < progress.servedAt + drainMs) return { done: false, wakeAt: progress.servedAt + drainMs };
  await removeRoutes(world, hands);
  progress.unroutedAt ??= at;
  if (at < progress.unroutedAt + drainMs) return { done: false, wakeAt: progress.unroutedAt + drainMs };
  return { done: true };
}

/** A target that never becomes ready must not cost the service its primary: then everything that serves stays, owned by nobody. */
async function targetOverdue(world: World, hands: Hands): Promise<HandBackAnswer> {
  const deadline = deadlineOf(world);
  if (world.observed.at < deadline) return { done: false, wakeAt: deadline };
  await orphanAll(world, hands);
  return { done: true };
}

function deadlineOf({ canary, observed }: World): EpochMs {
  return Date.parse(canary.metadata.deletionTimestamp ?? '') + observed.plan.deadlineMs;
}

async function orphanAll({ namespace, names, owner, primary, virtualService }: World, hands: Hands): Promise<void> {
  const { services, destinationRules } = hands.caches;
  const owned: [ResourceType, KubeObject | undefined][] = [
    [DEPLOYMENT, primary],
    [VIRTUAL_SERVICE, virtualService],
    ...Object.values(names).map((name): [ResourceType, KubeObject | undefined] => [
      SERVICE,
      services.get(namespace, name),
    ]),
    ...[names.primary, names.canary].map((name): [ResourceType, KubeObject | undefined] => [
      DESTINATION_RULE,
      destinationRules.get(namespace, name),
    ]),
  ];
  for (const [type, object] of owned) {
    if (object === undefined || !isOwnedBy(object, owner)) continue;
    const ownerReferences = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.uid);
    await hands.client.replace(
      type,
      { ...object, metadata: { ...object.metadata, ownerReferences } },
      { fieldManager: FIELD_MANAGER },
    );
  }
}

async function releaseApex(
  { namespace, names, owner }: World,
  label: { key: string; value: string },
  { client, caches }: Hands,
): Promise<void> {
  const existing = caches.services.get(namespace, names.apex);
  if (existing === undefined) return;
  const released = releasedService(existing, owner, { [label.key]: label.value });
  const isReleased =
    !isOwnedBy(existing, owner) && canonicalJson(existing.spec.selector) === canonicalJson(released.spec.selector);
  if (!isReleased) await client.replace(SERVICE, released, { fieldManager: FIELD_MANAGER });
}

/** What the controller made goes; what it took over becomes what it was. */
async function removeRoutes(
  { namespace, names, owner, virtualService }: World,
  { client, caches }: Hands,
): Promise<void> {
  if (virtualService !== undefined) {
    const original = originalSpec(virtualService);
    if (isOwnedBy(virtualService, owner)) await client.delete(VIRTUAL_SERVICE, { namespace, name: names.apex });
    else if (original !== undefined && canonicalJson(original) !== canonicalJson(virtualService.spec)) {
      await client.replace(VIRTUAL_SERVICE, { ...virtualService, spec: original }, { fieldManager: FIELD_MANAGER });
    }
  }
  for (const name of [names.primary, names.canary]) {
    const rule = caches.destinationRules.get(namespace, name);
    if (rule !== undefined && isOwnedBy(rule, owner)) await client.delete(DESTINATION_RULE, { namespace, name });
  }
}
