/** What an exchange needs of the client's connection. */

import type { Origin } from './compose-head.ts';
import type { KeptHead } from './kept-head.ts';
import type { ConnectionEnds } from './transport/link.ts';

export type ExchangeClient = {
  readonly remoteAddress: string;
  readonly origin: Origin;
  /** Of the request in hand. */
  readonly keptHead: KeptHead;
  /** Both ends of the connection, `host:port`. */
  readonly ends: ConnectionEnds;
  /** The port of the services that the listener stands for. */
  readonly servicePort: number | undefined;
  /** Writes what is in the outbox to the client; false: wait for `clientDrained`. */
  sendAnswer(): boolean;
  /** More of the request can be sent now. */
  pump(): void;
  /** Whether the connection is closed behind this answer. */
  readonly closesAfterAnswer: boolean;
  /** The answer is complete. */
  answered(options: { mustClose: boolean }): void;
  /** The answer cannot be completed: the connection is cut, so that nobody takes the part for the whole. */
  cut(): void;
  becomeTunnel(): void;
};
