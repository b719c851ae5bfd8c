/**
 * What clients ask first: which kinds are there. The legacy documents (`/api`, `/apis`, one per group and per version), and the
 * aggregated ones that newer clients negotiate by `Accept`. A v2beta1 client sees nothing in a v2 document, so it gets its own.
 */

import { apiVersionOf } from '../../../lib/resource.ts';
import type { KindDefinition } from '../kind.ts';
import { aggregatedDocument } from './aggregated-discovery.ts';
import { groupsOf, scaleKindOf, versionOrder } from './api-groups.ts';

export type DiscoveryRequest = {
  kinds: readonly KindDefinition[];
  /** `/api`, `/apis`, `/api/v1`, `/apis/GROUP`, `/apis/GROUP/VERSION`, without query. */
  path: string;
  /** The request's Accept header. */
  accept: string;
  /** Host and port under which clients reach the server. */
  serverAddress: string;
};

export type DiscoveryAnswer = { contentType: string; body: object };

/** @returns `undefined` for a path that is no discovery document of these kinds */
export function discoveryDocument(request: DiscoveryRequest): DiscoveryAnswer | undefined {
  const { kinds, path, accept } = request;
  const steps = path.replace(/\/+$/, '').split('/').slice(1);
  if (steps.length === 1 && (steps[0] === 'api' || steps[0] === 'apis')) {
    const version = aggregatedVersion(accept);
    if (version !== undefined) return aggregatedDocument(kinds, steps[0], version);
  }
  const body = legacyDocument(request, steps);
  return body === undefined ? undefined : { contentType: 'application/json', body };
}

/** The first aggregated version that the client accepts; `undefined` when it wants the legacy document. */
function aggregatedVersion(accept: string): 'v2' | 'v2beta1' | undefined {
  for (const range of accept.split(',')) {
    const parameters = range.split(';').map((part) => part.trim());
    if (parameters[0] !== 'application/json') continue;
    if (!parameters.includes('g=apidiscovery.k8s.io') || !parameters.includes('as=APIGroupDiscoveryList')) {
      if (parameters.length === 1) return undefined;
      continue;
    }
    if (parameters.includes('v=v2')) return 'v2';
    if (parameters.includes('v=v2beta1')) return 'v2beta1';
  }
  return undefined;
}

function legacyDocument({ kinds, serverAddress }: DiscoveryRequest, steps: readonly string[]): object | undefined {
  const [root, first, second, ...rest] = steps;
  if (rest.length > 0) return undefined;
  if (root === 'api') {
    if (first === undefined) return apiVersions(serverAddress);
    return second === undefined ? resourceList(kinds, '', first) : undefined;
  }
  if (root !== 'apis') return undefined;
  if (first === undefined) return groupList(kinds);
  return second === undefined ? groupDocument(kinds, first) : resourceList(kinds, first, second);
}

function apiVersions(serverAddress: string): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

function groupList(kinds: readonly KindDefinition[]): object {
  const groups = groupsOf(kinds).filter((group) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((group) => groupOf(kinds, group)) };
}

function groupDocument(kinds: readonly KindDefinition[], group: string): object | undefined {
  if (!groupsOf(kinds).includes(group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(kinds, group) };
}

function groupOf(kinds: readonly KindDefinition[], group: string): object {
  const versions = versionOrder(kinds, group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourceList(kinds: readonly KindDefinition[], group: string, version: string): object | undefined {
  const found = kinds.filter(({ type }) => type.group === group && type.version === version);
  if (found.length === 0) return undefined;
  const groupVersion = apiVersionOf({ group, version });
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: found.flatMap(resourcesOf) };
}

function resourcesOf(kind: KindDefinition): object[] {
  const { type, singular, shortNames, categories, verbs } = kind;
  const { plural: name, namespaced } = type;
  const subresource = (suffix: string, extra: object) => ({
    name: `${name}/${suffix}`,
    singularName: '',
    namespaced,
    ...extra,
    verbs: ['get', 'patch', 'update'],
  });
  return [
    {
      name,
      singularName: singular,
      namespaced,
      kind: type.kind,
      verbs,
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
    },
    ...(kind.hasStatus ? [subresource('status', { kind: type.kind })] : []),
    ...(kind.scale === undefined ? [] : [subresource('scale', scaleKindOf())]),
    ...(type.group === '' && type.kind === 'Pod'
      ? [
          { name: 'pods/binding', singularName: '', namespaced, kind: 'Binding', verbs: ['create'] },
          { name: 'pods/log', singularName: '', namespaced, kind: 'Pod', verbs: ['get'] },
        ]
      : []),
  ];
}
