/** From a request to its line in the access log. What the head said is kept from the start, because heads are not. */

import type { RequestHead } from '../h1/request-head.ts';
import type { EndpointState } from '../upstream/endpoint-state.ts';
import type { AccessEntry } from './access-log.ts';

export type AccessFacts = {
  startedAt: number;
  method: string;
  path: string;
  authority: string;
  forwardedFor: string | undefined;
  userAgent: string | undefined;
  requestId: string;
  remoteAddress: string;
};

export type AccessOutcome = {
  flags: string;
  details: string;
  status: number;
  requestBytes: number;
  responseBytes: number;
  durationMs: number;
  serviceTimeMs: number | undefined;
  endpoint: EndpointState | undefined;
  cluster: string | undefined;
  route: string | undefined;
  tableVersion: number;
};

export function factsOf(head: RequestHead, requestId: string, remoteAddress: string, startedAt: number): AccessFacts {
  return {
    startedAt,
    method: head.method,
    path: head.path,
    authority: head.authority,
    forwardedFor: head.forwardedFor,
    userAgent: head.header('user-agent'),
    requestId,
    remoteAddress,
  };
}

export function accessEntry(facts: AccessFacts, outcome: AccessOutcome): AccessEntry {
  const { forwardedFor, remoteAddress } = facts;
  return {
    start_time: new Date(facts.startedAt).toISOString(),
    method: facts.method,
    path: facts.path,
    protocol: 'HTTP/1.1',
    response_code: outcome.status,
    response_flags: outcome.flags,
    response_code_details: outcome.details,
    bytes_received: outcome.requestBytes,
    bytes_sent: outcome.responseBytes,
    duration: Math.round(outcome.durationMs),
    upstream_service_time: outcome.serviceTimeMs === undefined ? null : Math.round(outcome.serviceTimeMs),
    x_forwarded_for: forwardedFor === undefined ? remoteAddress : `${forwardedFor}, ${remoteAddress}`,
    user_agent: facts.userAgent ?? null,
    request_id: facts.requestId,
    authority: facts.authority,
    upstream_host: outcome.endpoint?.address ?? null,
    upstream_cluster: outcome.cluster ?? null,
    upstream_workload: outcome.endpoint?.endpoint.labels.workload ?? null,
    downstream_remote_address: remoteAddress,
    route_name: outcome.route ?? null,
    table_version: outcome.tableVersion,
    mirror: false,
  };
}
