/** What the access log knows about one request: what its head said is kept from the start, because heads are not. */

import type { EndpointState } from '../upstream/endpoint-state.ts';

export type AccessFacts = {
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Absent in requests that were refused before they could be read. */
  method: string | undefined;
  /** With query, as received. */
  path: string | undefined;
  authority: string | undefined;
  /** As it goes upstream. */
  forwardedFor: string | undefined;
  userAgent: string | undefined;
  requestId: string | undefined;
  /** Of whoever asks, `host:port`; 0 where only the host was told. */
  remoteAddress: string;
  /** Of who connected, `host:port`. */
  peerAddress: string;
  localAddress: string;
  /** Values of the commands about the request that the format asks for, in its order. */
  asked: readonly (string | undefined)[];
};

export type AccessOutcome = {
  status: number;
  /** Separated by commas; `-` is none. */
  flags: string;
  details: string;
  requestBytes: number;
  responseBytes: number;
  durationMs: number;
  /** From the head of the request to the head of the answer. */
  serviceTimeMs: number | undefined;
  attempts: number;
  endpoint: EndpointState | undefined;
  /** Our end of the connection to the endpoint, `host:port`. */
  upstreamLocal: string | undefined;
  cluster: string | undefined;
  route: string | undefined;
  tableVersion: number;
  /** Whether this is a copy. */
  mirror: boolean;
  traceId: string | undefined;
  /** Fields of the answer that the format asks for. */
  answered: ReadonlyMap<string, string> | undefined;
};

export type AccessEntry = { facts: AccessFacts; outcome: AccessOutcome };
