/**
 * Consistent hashing (istio.md 5.2): which endpoint a key belongs to. Each endpoint draws a number from key and address, and the
 * highest draw wins, so that an endpoint that leaves or comes moves its own share of the keys and no other.
 */

import { queryParameter, type RequestHead } from './match-route.ts';
import type { HashPolicy } from './route-table.ts';

/** @param remoteAddress of whoever asks. @returns `undefined` when the request has none */
export function hashKeyOf(policy: HashPolicy, head: RequestHead, remoteAddress: string): string | undefined {
  switch (policy.kind) {
    case 'header':
      // The order of repeated values does not matter.
      return head.header(policy.name) === undefined
        ? undefined
        : (head.headerValues?.(policy.name).toSorted().join() ?? head.header(policy.name));
    case 'query':
      return queryParameter(head.path, policy.name);
    case 'sourceIp':
      return remoteAddress;
    case 'cookie':
      return cookieOf(head, policy.name);
    default:
      return policy satisfies never;
  }
}

function cookieOf(head: RequestHead, name: string): string | undefined {
  for (const part of (head.header('cookie') ?? '').split(';')) {
    const equalsAt = part.indexOf('=');
    if (equalsAt === -1 || part.slice(0, equalsAt).trim() !== name) continue;
    const value = part.slice(equalsAt + 1).trim();
    if (value !== '') return value.replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}

/** The endpoint that the key belongs to; `undefined` only when there is none. One of twice the weight has twice the keys. */
export function pickByKey<E extends { readonly address: string; readonly weight?: number }>(
  endpoints: readonly E[],
  key: string,
): E | undefined {
  const keyHash = hashOf(key, FNV_OFFSET);
  let best: E | undefined;
  let bestDraw = Number.NEGATIVE_INFINITY;
  for (const endpoint of endpoints) {
    const fraction = (scramble(hashOf(endpoint.address, keyHash)) + 0.5) / 2 ** 32;
    // The root of a fraction grows with the weight, just so that the highest one is as often of an endpoint as its share says.
    const draw = endpoint.weight === undefined || endpoint.weight === 1 ? fraction : fraction ** (1 / endpoint.weight);
    if (draw <= bestDraw) continue;
    best = endpoint;
    bestDraw = draw;
  }
  return best;
}

/** The same number in [0, 1) for the same key, and independent of the endpoint that it belongs to. */
export function fractionOf(key: string): number {
  return scramble(hashOf(key, FNV_PRIME)) / 2 ** 32;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over the code units, from a given state. */
function hashOf(text: string, state: number): number {
  let hash = state;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  return hash;
}

// Spreads every bit over all others; without it similar addresses would draw similar numbers.
function scramble(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
