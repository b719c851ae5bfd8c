/** What a rollout wants from the data plane, without saying "rollout": two hosts, a split, and who goes to the second anyway. */

import type { OwnerReference } from '../../lib/resource.ts';
import type { TrafficPolicySpec } from '../schema/destination-rule.ts';
import type { HttpMatchSpec } from '../schema/http-match.ts';
import type { HttpRouteSpec } from '../schema/http-route.ts';

export type RouteIntent = {
  namespace: string;
  /** Name of the VirtualService, and a host of it unless `hosts` has it or `*`. */
  name: string;
  hosts?: readonly string[];
  /** Absent or empty: the mesh. */
  gateways?: readonly string[];
  service: RouteService;
  primaryHost: string;
  canaryHost: string;
  /** Share of the requests that `canaryMatch` does not take, in percent. */
  canaryWeight: number;
  /** Requests that go to the canary whatever the weight: any of these. */
  canaryMatch?: readonly HttpMatchSpec[];
  /** Share of the split's requests that is copied to the canary, in percent. */
  mirrorPercent?: number;
  /** Controls the rendered objects, so that they are collected with it. */
  owner?: OwnerReference;
};

/** What applies to every request of the service, as Flagger's `spec.service` has it. */
export type RouteService = {
  /** Destination port; absent: the port on which the request came. */
  port?: number;
  match?: readonly HttpMatchSpec[];
  rewrite?: HttpRouteSpec['rewrite'];
  timeout?: string;
  retries?: HttpRouteSpec['retries'];
  headers?: HttpRouteSpec['headers'];
  corsPolicy?: HttpRouteSpec['corsPolicy'];
  /** Of both DestinationRules. */
  trafficPolicy?: TrafficPolicySpec;
  apex?: { labels?: Readonly<Record<string, string>>; annotations?: Readonly<Record<string, string>> };
};
