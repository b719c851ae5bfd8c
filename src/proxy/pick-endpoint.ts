/** Which endpoint of a cluster a request goes to first, and what makes it come back to the same one. */

import { hashKeyOf } from '../mesh/table/hash-key.ts';
import type { RequestSite } from './choose-destination.ts';
import type { RequestHead } from './h1/request-head.ts';
import { type HeaderEdits, replacingEdits } from './header-edits.ts';
import { chooseEndpoint } from './upstream/choose-endpoint.ts';
import type { ClusterState } from './upstream/cluster-state.ts';
import type { EndpointState } from './upstream/endpoint-state.ts';

export type PickedEndpoint = {
  endpoint: EndpointState | undefined;
  /** The cookie by which the next request finds the same endpoint. */
  cookie?: HeaderEdits;
  hashKey?: string;
};

export function pickEndpoint(state: ClusterState, head: RequestHead, site: RequestSite): PickedEndpoint {
  const { hash } = state.cluster;
  if (hash === undefined) return { endpoint: chooseEndpoint(state, site) };
  const key = hashKeyOf(hash, head, site.remoteAddress);
  if (key !== undefined) return keyed(state, site, key);
  if (hash.kind !== 'cookie' || hash.attributes === undefined) return { endpoint: chooseEndpoint(state, site) };
  const value = Array.from({ length: 16 }, () => Math.floor(site.random() * 16).toString(16)).join('');
  const cookie = replacingEdits([], [['set-cookie', `${hash.name}="${value}"${hash.attributes}`]]);
  return { ...keyed(state, site, value), cookie };
}

function keyed(state: ClusterState, { nowMs, random }: RequestSite, hashKey: string): PickedEndpoint {
  return { endpoint: chooseEndpoint(state, { nowMs, random, hashKey }), hashKey };
}
