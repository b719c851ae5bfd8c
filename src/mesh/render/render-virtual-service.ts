/** From an intent to the one VirtualService that enforces it: first who goes to the canary anyway, then the split. */

import { apiVersionOf, type KubeObject, type ObjectMeta, type OwnerReference } from '../../lib/resource.ts';
import { VIRTUAL_SERVICE } from '../istio-kinds.ts';
import type { HttpMatchSpec } from '../schema/http-match.ts';
import type { HttpRouteSpec } from '../schema/http-route.ts';
import { crossMatches } from './merge-match.ts';
import type { RouteIntent } from './route-intent.ts';

/**
 * Renders the whole object. Of an existing one, labels, annotations and owners that are not ours stay; its spec is replaced.
 *
 * @param existing the object as the server has it; its resourceVersion is kept, so that a `replace` notices others' changes
 */
export function renderVirtualService(intent: RouteIntent, existing?: KubeObject): KubeObject {
  const { name, hosts = [], gateways = [] } = intent;
  return {
    apiVersion: apiVersionOf(VIRTUAL_SERVICE),
    kind: VIRTUAL_SERVICE.kind,
    metadata: renderMetadata(intent, name, existing?.metadata),
    spec: {
      hosts: hosts.includes(name) || hosts.includes('*') ? [...hosts] : [...hosts, name],
      gateways: gateways.length === 0 ? ['mesh'] : [...gateways],
      http: renderRules(intent),
    },
  };
}

/** Name, place and owner of a rendered object, with what others have put on an existing one. */
export function renderMetadata(intent: RouteIntent, name: string, existing?: ObjectMeta): ObjectMeta {
  const { labels, annotations } = name === intent.name ? (intent.service.apex ?? {}) : {};
  const metadata: ObjectMeta = { name, namespace: intent.namespace };
  const allLabels = { ...existing?.labels, ...labels };
  const allAnnotations = { ...existing?.annotations, ...annotations };
  const owners = mergeOwners(existing?.ownerReferences ?? [], intent.owner);
  if (Object.keys(allLabels).length > 0) metadata.labels = allLabels;
  if (Object.keys(allAnnotations).length > 0) metadata.annotations = allAnnotations;
  if (owners.length > 0) metadata.ownerReferences = owners;
  if (existing?.resourceVersion !== undefined) metadata.resourceVersion = existing.resourceVersion;
  return metadata;
}

function mergeOwners(existing: readonly OwnerReference[], owner: OwnerReference | undefined): OwnerReference[] {
  if (owner === undefined) return [...existing];
  return [...existing.filter(({ uid }) => uid !== owner.uid), owner];
}

function renderRules(intent: RouteIntent): HttpRouteSpec[] {
  const { service, canaryMatch = [] } = intent;
  const taken = crossMatches(canaryMatch, service.match);
  const split = renderRule(intent, service.match ?? [], renderSplit(intent));
  if (taken.length === 0) return [split];
  const canaryOnly = [{ destination: destination(intent, intent.canaryHost), weight: 100 }];
  return [renderRule(intent, taken, { route: canaryOnly }), split];
}

function renderRule(
  { service }: RouteIntent,
  match: readonly HttpMatchSpec[],
  action: Pick<HttpRouteSpec, 'route' | 'mirror' | 'mirrorPercentage'>,
): HttpRouteSpec {
  return {
    ...(match.length > 0 && { match: [...match] }),
    ...(service.rewrite && { rewrite: service.rewrite }),
    ...(service.timeout && { timeout: service.timeout }),
    ...(service.retries && { retries: service.retries }),
    ...(service.corsPolicy && { corsPolicy: service.corsPolicy }),
    ...(service.headers && { headers: service.headers }),
    ...action,
  };
}

// Primary first, and both weights always written, even 0: people and tools read this list.
function renderSplit(intent: RouteIntent): Pick<HttpRouteSpec, 'route' | 'mirror' | 'mirrorPercentage'> {
  const { primaryHost, canaryHost, canaryWeight, mirrorPercent = 0 } = intent;
  const route = [
    { destination: destination(intent, primaryHost), weight: 100 - canaryWeight },
    { destination: destination(intent, canaryHost), weight: canaryWeight },
  ];
  if (mirrorPercent === 0) return { route };
  return { route, mirror: destination(intent, canaryHost), mirrorPercentage: { value: mirrorPercent } };
}

function destination({ service }: RouteIntent, host: string) {
  return service.port === undefined ? { host } : { host, port: { number: service.port } };
}
