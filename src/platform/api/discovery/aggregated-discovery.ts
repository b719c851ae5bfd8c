/** The aggregated discovery document: all groups, versions and resources in one answer (apidiscovery.k8s.io). */

import type { KindDefinition } from '../kind.ts';
import { groupsOf, scaleKindOf, versionOrder } from './api-groups.ts';

/** @param root `api` for the core group, `apis` for all others */
export function aggregatedDocument(
  kinds: readonly KindDefinition[],
  root: 'api' | 'apis',
  version: 'v2' | 'v2beta1',
): { contentType: string; body: object } {
  const groups = groupsOf(kinds).filter((group) => (group === '') === (root === 'api'));
  return {
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    body: {
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${version}`,
      metadata: {},
      items: groups.map((group) => groupItem(kinds, group)),
    },
  };
}

function groupItem(kinds: readonly KindDefinition[], group: string): object {
  return {
    metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
    versions: versionOrder(kinds, group).map((version) => ({
      version,
      resources: kinds
        .filter(({ type }) => type.group === group && type.version === version)
        .map((kind) => resourceItem(kind)),
      freshness: 'Current',
    })),
  };
}

function resourceItem(kind: KindDefinition): object {
  const { type, singular, shortNames, categories, verbs } = kind;
  const self = { group: type.group, version: type.version, kind: type.kind };
  const subresources = subresourcesOf(kind, self);
  return {
    resource: type.plural,
    responseKind: self,
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

function subresourcesOf(kind: KindDefinition, self: object): object[] {
  const subresource = (name: string, responseKind: object, verbs = ['get', 'patch', 'update']) => ({
    subresource: name,
    responseKind,
    verbs,
  });
  const isPod = kind.type.group === '' && kind.type.kind === 'Pod';
  return [
    ...(kind.hasStatus ? [subresource('status', self)] : []),
    ...(kind.scale === undefined ? [] : [subresource('scale', scaleKindOf())]),
    ...(isPod
      ? [subresource('binding', { ...self, kind: 'Binding' }, ['create']), subresource('log', self, ['get'])]
      : []),
  ];
}
