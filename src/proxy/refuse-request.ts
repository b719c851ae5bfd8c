/** What is answered to a request that is refused before anybody else sees it. */

import type { DataPath } from './data-path.ts';
import { type Failure, replyTo } from './failure.ts';
import { writeLocalReply } from './local-reply.ts';

/** Counts the refusal as a request, and puts its answer into the outbox. The connection is closed behind it. */
export function writeRefusal(path: DataPath, failure: Failure): void {
  const { status, flags, body } = replyTo(failure);
  writeLocalReply(path, { status, body, closes: true, isHead: false });
  path.unroutedSeries.record({ status, flags, durationMs: 0, requestBytes: 0, responseBytes: 0 });
}
