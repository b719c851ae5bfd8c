/** What the access log keeps of heads, which are gone when its line is written. */

import { REQUEST_COMMANDS } from '../../mesh/table/header-commands.ts';
import type { DataPath } from '../data-path.ts';
import type { RequestHead } from '../h1/request-head.ts';
import type { ResponseHead } from '../h1/response-head.ts';
import { requestTold } from '../template-facts.ts';
import type { AccessFacts } from './access-entry.ts';

/** The connection that a request came on. */
export type AccessClient = {
  /** Without port. */
  readonly remoteAddress: string;
  readonly servicePort: number | undefined;
  /** Both ends, `host:port`. */
  readonly ends: { remote: string; local: string };
};

/** @param address of whoever asks */
export function keepFacts(path: DataPath, head: RequestHead, client: AccessClient, address: string): AccessFacts {
  const { remote, local } = client.ends;
  return {
    startedAt: path.clock.now(),
    method: head.method,
    path: head.path,
    authority: head.authority,
    forwardedFor: forwardedForOf(path, head, client),
    userAgent: head.header('user-agent'),
    requestId: head.requestId,
    remoteAddress: address === client.remoteAddress ? remote : withoutPort(address),
    peerAddress: remote,
    localAddress: local,
    asked: askedOf(path, head, client, address),
  };
}

/** The fields of an answer that the format asks for. */
export function keepAnswer({ accessLog }: DataPath, head: ResponseHead): ReadonlyMap<string, string> | undefined {
  const names = accessLog?.format.keeps ?? [];
  if (names.length === 0) return undefined;
  const kept = new Map<string, string>();
  for (const name of names) {
    const value = head.fields.first(name);
    if (value !== undefined) kept.set(name, value);
  }
  return kept;
}

/** What is known of a request that was refused before it could be read. */
export function unreadableFacts({ clock }: DataPath, { ends: { remote, local } }: AccessClient): AccessFacts {
  return {
    startedAt: clock.now(),
    method: undefined,
    path: undefined,
    authority: undefined,
    forwardedFor: undefined,
    userAgent: undefined,
    requestId: undefined,
    remoteAddress: remote,
    peerAddress: remote,
    localAddress: local,
    asked: [],
  };
}

function forwardedForOf({ role }: DataPath, { forwardedFor }: RequestHead, { remoteAddress }: AccessClient) {
  if (role === 'sidecar') return forwardedFor;
  return forwardedFor === undefined ? remoteAddress : `${forwardedFor}, ${remoteAddress}`;
}

/** As Envoy writes an address of which no port is known. */
function withoutPort(address: string): string {
  return address.includes(':') ? `[${address}]:0` : `${address}:0`;
}

const NOTHING: readonly never[] = [];

function askedOf(
  path: DataPath,
  head: RequestHead,
  client: AccessClient,
  remoteAddress: string,
): readonly (string | undefined)[] {
  const asks = path.accessLog?.format.asks ?? NOTHING;
  if (asks.length === 0) return NOTHING;
  const { remoteAddress: peerAddress, servicePort } = client;
  const about = { head, remoteAddress, peerAddress, servicePort, route: undefined, cluster: undefined };
  const told = requestTold(path, about);
  const field = (name: string) => {
    // What the caller says there is not what we mean by it.
    if (name === 'x-envoy-original-path') return undefined;
    return name === 'x-forwarded-for' ? forwardedForOf(path, head, client) : told.field(name);
  };
  return asks.map(({ command, argument }) => REQUEST_COMMANDS[command]?.read({ ...told, field }, argument));
}
