/** What is answered to a request that is refused before anybody else sees it. */

import type { DataPath } from './data-path.ts';
import { replyTo } from './failure.ts';
import { writeLocalReply } from './local-reply.ts';

/** Counts the refusal as a request, and puts its answer into the outbox. The connection is closed behind it. */
export function writeRefusal(path: DataPath, status: number): void {
  const { flags, body } = replyTo({ kind: 'badRequest', status });
  writeLocalReply(path, { status, body, closes: true, isHead: false });
  path.unroutedSeries.record({ status, flags, durationMs: 0, requestBytes: 0, responseBytes: 0 });
}
