/** Carries out what was decided. Every write is idempotent and conditional, so that repeating a turn changes nothing. */

import { type Action, isWritten, plan } from '../canary/action-plan.ts';
import { type Desired, type DesiredRoutes, desiredOf } from '../canary/desired.ts';
import { isResting } from '../canary/next-event.ts';
import type { RolloutSnapshot } from '../canary/rollout.machine.ts';
import type { Candidate } from '../canary/rollout-record.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, SERVICE } from '../kube/resource-types.ts';
import { canonicalJson, shortHash } from '../lib/canonical-json.ts';
import type { KubeObject, ResourceType } from '../lib/resource.ts';
import { DESTINATION_RULE, VIRTUAL_SERVICE } from '../mesh/istio-kinds.ts';
import { renderDestinationRules } from '../mesh/render/render-destination-rules.ts';
import { runsAlready } from './adopt-flagger.ts';
import { routeIntent, specDiffers, wantedVirtualService } from './canary-routes.ts';
import { renderServices, serviceChange } from './canary-services.ts';
import { copyConfigs } from './config-copies.ts';
import type { ControllerCaches } from './controller-caches.ts';
import type { World } from './gather.ts';
import { type Ahead, remember } from './newest.ts';
import { primaryAutoscaler } from './primary-autoscaler.ts';
import { primaryName, REVISION_ANNOTATION, renderPrimary } from './primary-deployment.ts';

export const FIELD_MANAGER = 'sluice';

export type Hands = {
  client: KubeClient;
  caches: ControllerCaches;
  /** What the server made of each spec that was written: a server that changes a spec must not be written to for ever. */
  written: Map<string, string>;
  ahead: Ahead;
};

export async function act(world: World, snapshot: RolloutSnapshot, hands: Hands): Promise<void> {
  const desired = desiredOf(snapshot);
  await writeServices(world, snapshot, hands);
  await writeAutoscaler(world, snapshot, hands);
  const actions = plan(desired, world.observed);
  for (const action of actions) await carryOut(action, world, hands);
  if (!actions.some((action) => action.do === 'writeRoutes')) await repairRoutes(world, desired, hands);
}

async function carryOut(action: Action, world: World, hands: Hands): Promise<void> {
  switch (action.do) {
    case 'writePrimary':
      return writePrimary(action.candidate, world, hands);
    case 'scalePrimary':
      // Where an autoscaler decides, the number in a manifest is not a wish.
      if (world.spec.autoscalerRef !== undefined) return;
      return scale(primaryName(world.spec.targetRef.name), action.replicas, world, hands);
    case 'scaleTarget':
      return scale(
        world.spec.targetRef.name,
        Math.min(action.replicas, autoscaledReplicas(world, hands)),
        world,
        hands,
      );
    case 'writeRoutes':
      return writeRoutes(action.routes, world, hands);
    default:
      return action satisfies never;
  }
}

async function writePrimary(candidate: Candidate, world: World, { client, ahead }: Hands): Promise<void> {
  const { target, primary: existing, label, owner } = world;
  if (target === undefined || label === undefined) return;
  await copyConfigs(candidate, world, client);
  const rendered = renderPrimary({ target, label, candidate, owner, existing });
  // A primary of Flagger that runs the candidate already is only marked: another template would restart its pods.
  const isUnmarked = existing !== undefined && existing.metadata.annotations?.[REVISION_ANNOTATION] === undefined;
  const stays = isUnmarked && runsAlready(existing, candidate, { target, label });
  const primary = stays ? { ...existing, metadata: rendered.metadata } : rendered;
  const options = { fieldManager: FIELD_MANAGER };
  if (existing === undefined) await client.create(DEPLOYMENT, primary, options);
  else remember(ahead, DEPLOYMENT, await client.replace(DEPLOYMENT, primary, options));
}

export async function scale(name: string, replicas: number, { namespace }: World, hands: Hands): Promise<void> {
  const patch = { spec: { replicas } };
  const options = { strategy: 'merge', fieldManager: FIELD_MANAGER } as const;
  remember(hands.ahead, DEPLOYMENT, await hands.client.patch(DEPLOYMENT, { namespace, name }, patch, options));
}

/** The primary's autoscaler follows the target's outside of runs, so that a run never changes how the primary is scaled. */
async function writeAutoscaler(world: World, { value }: RolloutSnapshot, { client, caches }: Hands): Promise<void> {
  const { spec, namespace, primary, owner } = world;
  const name = spec.autoscalerRef?.name;
  const source = name === undefined ? undefined : caches.autoscalers.get(namespace, name);
  if (name === undefined || source === undefined || primary === undefined) return;
  const existing = caches.autoscalers.get(namespace, primaryName(name));
  if (existing !== undefined && !isResting(value) && value !== 'promoting') return;
  const wanted = primaryAutoscaler({ spec, source, existing, owner });
  if (wanted === undefined) return;
  const options = { fieldManager: FIELD_MANAGER };
  if (existing === undefined) await client.create(HORIZONTAL_POD_AUTOSCALER, wanted, options);
  else await client.replace(HORIZONTAL_POD_AUTOSCALER, wanted, options);
}

/** An autoscaled canary starts with its minimum and grows by itself. */
function autoscaledReplicas({ spec, namespace }: World, { caches }: Hands): number {
  const name = spec.autoscalerRef?.name;
  const source = name === undefined ? undefined : caches.autoscalers.get(namespace, name);
  return source === undefined ? Number.POSITIVE_INFINITY : Math.max(1, source.spec?.minReplicas ?? 1);
}

async function writeServices(world: World, { value }: RolloutSnapshot, { client, caches }: Hands): Promise<void> {
  const { spec, namespace, target, label, owner, names } = world;
  if (spec.service === undefined || target === undefined || label === undefined) return;
  const apexServes = value === 'initializing' ? 'target' : 'primary';
  for (const wanted of renderServices({ spec, namespace, target, label, owner, apexServes })) {
    const existing = caches.services.get(namespace, wanted.metadata.name);
    // Until the primary is ready, a Service that answers today is nobody's business.
    if (wanted.metadata.name === names.apex && existing !== undefined && value === 'initializing') continue;
    const change = existing === undefined ? undefined : serviceChange(wanted, existing);
    if (existing === undefined) await client.create(SERVICE, wanted, { fieldManager: FIELD_MANAGER });
    else if (change !== undefined) await client.replace(SERVICE, change, { fieldManager: FIELD_MANAGER });
  }
}

export async function writeRoutes(routes: DesiredRoutes, world: World, hands: Hands): Promise<void> {
  const { namespace, virtualService, spec, owner } = world;
  const input = { spec, namespace, owner, routes };
  for (const rule of renderDestinationRules(routeIntent(input))) {
    const existing = hands.caches.destinationRules.get(namespace, rule.metadata.name);
    if (existing === undefined || specDiffers(rule, existing)) await put(DESTINATION_RULE, rule, existing, hands);
  }
  const wanted = wantedVirtualService(input, virtualService);
  remember(hands.ahead, VIRTUAL_SERVICE, await put(VIRTUAL_SERVICE, wanted, virtualService, hands));
}

/** Somebody edited what the rollout had written: the same routes are written again, other fields are left alone. */
async function repairRoutes(world: World, { routes }: Desired, hands: Hands): Promise<void> {
  const { virtualService, observed, spec, namespace, owner } = world;
  if (routes === undefined || virtualService === undefined || !isWritten(routes, observed.routes)) return;
  const wanted = wantedVirtualService({ spec, namespace, owner, routes }, virtualService);
  if (!specDiffers(wanted, virtualService)) return;
  const asAnswered = hands.written.get(writtenKey(VIRTUAL_SERVICE, wanted));
  if (asAnswered === canonicalJson(virtualService.spec)) return;
  await writeRoutes(routes, world, hands);
}

async function put(
  type: ResourceType,
  wanted: KubeObject,
  existing: KubeObject | undefined,
  hands: Hands,
): Promise<KubeObject> {
  const options = { fieldManager: FIELD_MANAGER };
  const version = existing?.metadata.resourceVersion;
  const replacement = {
    ...wanted,
    metadata: { ...wanted.metadata, ...(version !== undefined && { resourceVersion: version }) },
  };
  const answer: KubeObject =
    existing === undefined
      ? await hands.client.create(type, wanted, options)
      : await hands.client.replace(type, replacement, options);
  hands.written.set(writtenKey(type, wanted), canonicalJson(answer.spec));
  return answer;
}

function writtenKey({ kind }: ResourceType, { metadata, spec }: KubeObject): string {
  return `${kind}/${metadata.namespace}/${metadata.name}/${shortHash(spec)}`;
}
