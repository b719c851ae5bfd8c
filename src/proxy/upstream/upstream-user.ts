/** What a connection to an endpoint tells the one request that it serves. */

import type { ResponseHead } from '../h1/response-head.ts';
import type { ResponseFraming } from './response-framing.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

export type UpstreamUser = {
  readonly isHead: boolean;
  readonly wantsTunnel: boolean;
  /** The connection that was waited for is there; a request may be sent. */
  onReady(connection: UpstreamConnection): void;
  onConnectFailed(timedOut: boolean): void;
  /** There is a connection, but the cluster has as many requests as it may have. */
  onOverflow(): void;
  onInterim(head: ResponseHead): void;
  onHead(head: ResponseHead, framing: ResponseFraming): void;
  /** Body bytes as they are to be sent on were put into `out` (chunked bodies) or lie in `bytes`. */
  onBody(bytes: Buffer, start: number, end: number): void;
  /** The response is complete. Called before `onReadDone` of the same read. */
  onComplete(): void;
  /** Everything that one read brought was handed over. */
  onReadDone(): void;
  /** The response cannot be completed. */
  onBroken(reason: 'closed' | 'protocol'): void;
  onDrain(): void;
};
