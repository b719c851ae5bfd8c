/** What is answered to a request that is refused before anybody else sees it. */

import { clientAddress } from './client-address.ts';
import type { DataPath } from './data-path.ts';
import { type Failure, replyTo } from './failure.ts';
import { writeLocalReply } from './local-reply.ts';
import type { AccessFacts } from './telemetry/access-entry.ts';
import { type AccessClient, keepFacts, unreadableFacts } from './telemetry/access-facts.ts';

/** Counts and logs the refusal as a request, and puts its answer into the outbox. The connection is closed behind it. */
export function writeRefusal(path: DataPath, client: AccessClient, failure: Failure): void {
  const { status, flags, body, details } = replyTo(failure);
  writeLocalReply(path, { status, body, closes: true, isHead: false });
  path.unroutedSeries.record({ status, flags, durationMs: 0, requestBytes: 0, responseBytes: 0 });
  path.accessLog?.write({
    facts: failure.kind === 'misaddressed' ? factsOf(path, client) : unreadableFacts(path, client),
    outcome: {
      ...{ status, flags, details, durationMs: 0, requestBytes: 0, responseBytes: body.length, attempts: 0 },
      ...{ serviceTimeMs: undefined, endpoint: undefined, upstreamLocal: undefined, cluster: undefined },
      ...{
        route: undefined,
        tableVersion: path.table.current.version,
        mirror: false,
        answered: undefined,
        traceId: undefined,
      },
    },
  });
}

/** Only where it goes was wrong, and everything else could be read. */
function factsOf(path: DataPath, client: AccessClient): AccessFacts {
  const head = path.requestHead;
  return keepFacts(path, head, client, clientAddress(head.forwardedFor, client.remoteAddress, path));
}
