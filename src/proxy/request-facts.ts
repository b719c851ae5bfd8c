/** What the head of a forwarded request says besides what the caller said: by its route, and by what the proxy knows. */

import { type AnswerTold, NOT_ANSWERED } from '../mesh/table/header-commands.ts';
import type { AttemptFacts } from './attempts.ts';
import type { Forward } from './choose-destination.ts';
import type { RequestFacts } from './compose-head.ts';
import type { DataPath } from './data-path.ts';
import { rememberRequest, resolveEdits } from './header-edits.ts';
import { requestTold } from './template-facts.ts';

export function requestFacts(
  dataPath: DataPath,
  { route, cluster, requestEdits, path }: Forward,
  about: Pick<AttemptFacts, 'head' | 'remoteAddress' | 'peerAddress' | 'requestId' | 'servicePort'>,
): RequestFacts {
  const { remoteAddress, peerAddress, requestId } = about;
  const { timeoutMs, retry, action } = route.route;
  const isSplit = action.kind === 'forward' && action.clusters.length > 1;
  const tryMs = Math.min(retry?.perTryTimeoutMs ?? Number.POSITIVE_INFINITY, timeoutMs ?? Number.POSITIVE_INFINITY);
  const told = () => requestTold(dataPath, { ...about, route, cluster });
  const edits = resolveEdits(requestEdits && rememberRequest(requestEdits, told), notAnswered);
  const authority = route.route.authority ?? edits?.host;
  return {
    remoteAddress,
    peerAddress,
    requestId,
    path,
    authority,
    tellsOriginalHost: authority !== undefined && (route.route.authority !== undefined || !isSplit),
    role: dataPath.role,
    timeoutMs: Number.isFinite(tryMs) ? tryMs : undefined,
    edits,
  };
}

function notAnswered(): AnswerTold {
  return NOT_ANSWERED;
}
