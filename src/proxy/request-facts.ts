/** What the head of a forwarded request says besides what the caller said: by its route, and by what the proxy knows. */

import { type AnswerTold, NOT_ANSWERED } from '../mesh/table/header-commands.ts';
import type { Forward } from './choose-destination.ts';
import type { RequestFacts } from './compose-head.ts';
import type { DataPath } from './data-path.ts';
import type { ExchangeClient } from './exchange-client.ts';
import type { RequestHead } from './h1/request-head.ts';
import { type HeaderEdits, rememberRequest, resolveEdits } from './header-edits.ts';
import { requestTold } from './template-facts.ts';

/** Who sent a request. */
export type Caller = {
  readonly client: ExchangeClient;
  /** Of whoever asks, who may stand behind proxies that are trusted. */
  readonly clientAddress: string;
};

export function requestFacts(dataPath: DataPath, forward: Forward, head: RequestHead, caller: Caller): RequestFacts {
  const { route, requestEdits, path } = forward;
  const { action, authority: ownAuthority } = route;
  const isSplit = action.kind === 'forward' && action.clusters.length > 1;
  const edits = requestEdits === undefined ? undefined : resolvedEdits(dataPath, forward, head, caller);
  const authority = ownAuthority ?? edits?.host;
  return {
    origin: caller.client.origin,
    clientAddress: caller.clientAddress,
    path,
    authority,
    tellsOriginalHost: authority !== undefined && (ownAuthority !== undefined || !isSplit),
    timeoutLine: route.timeoutLine,
    edits,
  };
}

function resolvedEdits(
  dataPath: DataPath,
  { route, cluster, requestEdits }: Forward,
  head: RequestHead,
  { client, clientAddress }: Caller,
): HeaderEdits | undefined {
  const { remoteAddress: peerAddress, servicePort } = client;
  const told = () =>
    requestTold(dataPath, { head, remoteAddress: clientAddress, peerAddress, servicePort, route, cluster });
  return resolveEdits(rememberRequest(requestEdits, told), notAnswered);
}

function notAnswered(): AnswerTold {
  return NOT_ANSWERED;
}
