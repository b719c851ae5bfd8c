/** Which endpoint of a cluster takes a request: a healthy one, by its key if the cluster hashes, else by the load balancer. */

import { hashKeyOf, pickByKey } from '../mesh/table/hash-key.ts';
import type { RequestSite } from './choose-destination.ts';
import type { RequestHead } from './h1/request-head.ts';
import { type HeaderEdits, replacingEdits } from './header-edits.ts';
import type { ClusterState } from './upstream/cluster-state.ts';
import type { EndpointState } from './upstream/endpoint-state.ts';

export type PickedEndpoint = {
  endpoint: EndpointState | undefined;
  /** The cookie by which the next request finds the same endpoint. */
  cookie?: HeaderEdits;
  hashKey?: string;
};

export function pickEndpoint(state: ClusterState, head: RequestHead, site: RequestSite): PickedEndpoint {
  const { healthy, balancer } = state;
  const { hash } = state.cluster;
  if (hash === undefined) return { endpoint: balancer.pick(healthy) };
  const key = hashKeyOf(hash, head, site.remoteAddress);
  if (key !== undefined) return { endpoint: pickByKey(healthy, key), hashKey: key };
  if (hash.kind !== 'cookie' || hash.attributes === undefined) return { endpoint: balancer.pick(healthy) };
  const value = Array.from({ length: 16 }, () => Math.floor(site.random() * 16).toString(16)).join('');
  const cookie = replacingEdits([], [['set-cookie', `${hash.name}="${value}"${hash.attributes}`]]);
  return { endpoint: pickByKey(healthy, value), cookie, hashKey: value };
}
