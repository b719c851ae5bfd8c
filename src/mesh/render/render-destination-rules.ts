/** The DestinationRules of the two hosts of an intent: named as their hosts, without subsets. */

import { apiVersionOf, type KubeObject } from '../../lib/resource.ts';
import { DESTINATION_RULE } from '../istio-kinds.ts';
import { renderMetadata } from './render-virtual-service.ts';
import type { RouteIntent } from './route-intent.ts';

/** Canary first, as Flagger creates them. Both carry the traffic policy of the service, if there is one. */
export function renderDestinationRules(intent: RouteIntent): KubeObject[] {
  const { trafficPolicy } = intent.service;
  return [intent.canaryHost, intent.primaryHost].map((host) => ({
    apiVersion: apiVersionOf(DESTINATION_RULE),
    kind: DESTINATION_RULE.kind,
    metadata: renderMetadata(intent, host),
    spec: { host, ...(trafficPolicy && { trafficPolicy }) },
  }));
}
