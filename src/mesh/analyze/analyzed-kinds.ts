/** Kinds that analyzers read from an API server, beside those that a route table is made of. */

import type { ResourceType } from '../../lib/resource.ts';

const istio = (kind: string, plural: string, version: string): ResourceType => ({
  group: 'networking.istio.io',
  version,
  kind,
  plural,
  namespaced: true,
});

/** In a version that every supported Istio serves. */
export const ANALYZED_ISTIO_KINDS: readonly ResourceType[] = [
  istio('ServiceEntry', 'serviceentries', 'v1beta1'),
  istio('WorkloadEntry', 'workloadentries', 'v1beta1'),
  istio('Gateway', 'gateways', 'v1beta1'),
  istio('Sidecar', 'sidecars', 'v1beta1'),
  istio('EnvoyFilter', 'envoyfilters', 'v1alpha3'),
  { ...istio('RequestAuthentication', 'requestauthentications', 'v1beta1'), group: 'security.istio.io' },
];
