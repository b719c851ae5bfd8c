/** The VirtualService and DestinationRules of a Canary: what is wanted of the data plane, and what is written there. */

import type { CanarySpec } from '../canary/canary.schema.ts';
import type { DesiredRoutes } from '../canary/desired.ts';
import type { ObservedRoutes } from '../canary/observed.ts';
import { canonicalJson } from '../lib/canonical-json.ts';
import type { KubeObject, OwnerReference } from '../lib/resource.ts';
import { readSplit } from '../mesh/render/read-split.ts';
import { renderVirtualService } from '../mesh/render/render-virtual-service.ts';
import type { RouteIntent, RouteService } from '../mesh/render/route-intent.ts';
import { serviceNames, UNMANAGED_ANNOTATIONS } from './canary-services.ts';

/** Which stage the routes were written for: header matches cannot be read back from a merged rule. */
const STAGE_ANNOTATION = 'sluice.dev/stage';
/** Flagger's name for what a VirtualService was before it was taken over. */
const ORIGINAL_ANNOTATION = 'flagger.kubernetes.io/original-configuration';

export type VirtualServiceObject = KubeObject & {
  spec?: { http?: { mirrorPercentage?: { value?: number }; mirror?: unknown }[] };
  status?: { observedGeneration?: number };
};

type IntentInput = { spec: CanarySpec; namespace: string; owner: OwnerReference; routes: DesiredRoutes };

export function routeIntent({ spec, namespace, owner, routes }: IntentInput): RouteIntent {
  const { apex, primary, canary } = serviceNames(spec);
  const { service } = spec;
  const isDelegated = service?.delegation === true;
  return {
    namespace,
    name: apex,
    ...(service?.hosts !== undefined && !isDelegated && { hosts: service.hosts }),
    ...(service?.gateways !== undefined && !isDelegated && { gateways: service.gateways }),
    // The schemas of both rooms describe Istio's types; each keeps its own words for absent fields.
    service: routeService(spec) as RouteService,
    primaryHost: primary,
    canaryHost: canary,
    canaryWeight: routes.weight,
    canaryMatch: routes.match as NonNullable<RouteIntent['canaryMatch']>,
    mirrorPercent: routes.mirrorPercent,
    owner,
  };
}

/** The VirtualService to be written; what a foreign one was is kept in an annotation, to be given back on deletion. */
export function wantedVirtualService(input: IntentInput, existing: VirtualServiceObject | undefined): KubeObject {
  const rendered = renderVirtualService(routeIntent(input), existing);
  const isOurs = existing === undefined || isOwnedBy(existing, input.owner);
  const isSaved = existing?.metadata.annotations?.[ORIGINAL_ANNOTATION] !== undefined;
  const original = isOurs || isSaved ? {} : { [ORIGINAL_ANNOTATION]: JSON.stringify(existing.spec ?? {}) };
  const owners = isOurs ? rendered.metadata.ownerReferences : existing.metadata.ownerReferences;
  const { ownerReferences: _rendered, ...metadata } = rendered.metadata;
  return {
    ...rendered,
    spec: input.spec.service?.delegation === true ? withoutHosts(rendered.spec) : rendered.spec,
    metadata: {
      ...metadata,
      ...(owners !== undefined && { ownerReferences: owners }),
      annotations: {
        ...metadata.annotations,
        ...UNMANAGED_ANNOTATIONS,
        ...original,
        [STAGE_ANNOTATION]: input.routes.stage,
      },
    },
  };
}

/** What a VirtualService that was taken over used to say; `undefined` when it was made by the controller. */
export function originalSpec(existing: KubeObject): Record<string, unknown> | undefined {
  const saved = existing.metadata.annotations?.[ORIGINAL_ANNOTATION];
  return saved === undefined ? undefined : (JSON.parse(saved) as Record<string, unknown>);
}

export function observeRoutes(existing: VirtualServiceObject | undefined): ObservedRoutes | undefined {
  const split = existing === undefined ? undefined : readSplit(existing);
  const stage = existing?.metadata.annotations?.[STAGE_ANNOTATION];
  if (existing === undefined || split === undefined || stage === undefined) return undefined;
  const last = existing.spec?.http?.at(-1);
  const served = existing.status?.observedGeneration;
  return {
    weight: split.canaryWeight,
    mirrorPercent: split.mirrored ? (last?.mirrorPercentage?.value ?? 100) : 0,
    stage,
    ...(served !== undefined && { acknowledged: (existing.metadata.generation ?? 0) <= served }),
  };
}

export function isOwnedBy({ metadata }: KubeObject, { uid }: OwnerReference): boolean {
  return (metadata.ownerReferences ?? []).some((owner) => owner.uid === uid);
}

/** Somebody changed what the controller had written. */
export function specDiffers(wanted: KubeObject, existing: KubeObject): boolean {
  return canonicalJson(wanted.spec) !== canonicalJson(existing.spec);
}

/** A delegate names neither hosts nor gateways; the VirtualService that delegates to it does. */
function withoutHosts(spec: unknown): Record<string, unknown> {
  const { hosts: _hosts, gateways: _gateways, ...rest } = spec as Record<string, unknown>;
  return rest;
}

function routeService({ service }: CanarySpec): object {
  if (service === undefined) return {};
  const { match, rewrite, timeout, retries, headers, corsPolicy, trafficPolicy, apex, gateways, delegation } = service;
  const leavesMesh = delegation === true || (gateways?.[0] !== undefined && gateways[0] !== 'mesh');
  const named = { match, rewrite, timeout, retries, headers, corsPolicy, trafficPolicy, apex };
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
  return service.portDiscovery === true && leavesMesh ? { ...given, port: service.port } : given;
}
