/** Kinds that analyzers read from an API server, beside those that a route table is made of. */

import type { ResourceType } from '../../lib/resource.ts';
import { GATEWAY, SERVICE_ENTRY, SIDECAR, WORKLOAD_ENTRY } from '../istio-kinds.ts';

/** In a version that every supported Istio serves. */
export const ANALYZED_ISTIO_KINDS: readonly ResourceType[] = [
  SERVICE_ENTRY,
  WORKLOAD_ENTRY,
  GATEWAY,
  SIDECAR,
  { ...GATEWAY, version: 'v1alpha3', kind: 'EnvoyFilter', plural: 'envoyfilters' },
  {
    ...GATEWAY,
    group: 'security.istio.io',
    kind: 'RequestAuthentication',
    plural: 'requestauthentications',
  },
];
