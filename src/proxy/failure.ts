/** What went wrong with a request, and the one place where that becomes a response. */

/** Envoy's response flags (istio.md 9.4). `-` is none. */
export type Flags = '-' | 'NR' | 'NC' | 'UH' | 'UF' | 'UC' | 'UPE' | 'UT' | 'DPE' | 'DC' | 'UO' | 'URX' | 'FI';

export type Failure =
  /** The client sent something that is refused with `status`. */
  | { kind: 'badRequest'; status: number }
  /** It could be read, but leads to nobody. */
  | { kind: 'misaddressed'; status: number; reason: string }
  | { kind: 'clientGone' }
  | { kind: 'noRoute' }
  | { kind: 'noCluster' }
  | { kind: 'noEndpoint' }
  | { kind: 'connectFailed'; timedOut: boolean; retried: boolean }
  | { kind: 'upstreamClosed' }
  | { kind: 'upstreamProtocol' }
  | { kind: 'timeout'; isOfTry?: boolean }
  | { kind: 'overloaded' };

export type LocalReply = { status: number; flags: Flags; details: string; body: string };

const RESET = 'upstream connect error or disconnect/reset before headers.';

/** Envoy's status, flag and text for a failure (istio.md 5.3, 10). */
export function replyTo(failure: Failure): LocalReply {
  switch (failure.kind) {
    case 'badRequest':
      return {
        status: failure.status,
        flags: 'DPE',
        details: refusalDetails(failure.status),
        body: refusalBody(failure.status),
      };
    case 'misaddressed':
      return { status: failure.status, flags: '-', details: failure.reason, body: '' };
    case 'clientGone':
      return { status: 0, flags: 'DC', details: 'downstream_remote_disconnect', body: '' };
    case 'noRoute':
      return { status: 404, flags: 'NR', details: 'route_not_found', body: '' };
    case 'noCluster':
      return { status: 503, flags: 'NC', details: 'cluster_not_found', body: '' };
    case 'noEndpoint':
      return { status: 503, flags: 'UH', details: 'no_healthy_upstream', body: 'no healthy upstream' };
    case 'connectFailed':
      return connectFailedReply(failure);
    case 'upstreamClosed':
      return upstreamReply(503, 'UC', 'connection_termination');
    case 'upstreamProtocol':
      return upstreamReply(502, 'UPE', 'protocol_error');
    case 'timeout':
      return {
        status: 504,
        flags: 'UT',
        details: failure.isOfTry === true ? 'upstream_per_try_timeout' : 'response_timeout',
        body: 'upstream request timeout',
      };
    case 'overloaded':
      return upstreamReply(503, 'UO', 'overflow');
    default:
      return failure satisfies never;
  }
}

function connectFailedReply({ timedOut, retried }: { timedOut: boolean; retried: boolean }): LocalReply {
  const reason = timedOut ? 'connection timeout' : 'remote connection failure';
  const label = retried ? 'retried and the latest reset reason' : 'reset reason';
  return {
    status: 503,
    flags: 'UF',
    details: `upstream_reset_before_response_started{${reason.replaceAll(' ', '_')}}`,
    body: `${RESET} ${label}: ${reason}`,
  };
}

function upstreamReply(status: number, flags: Flags, reason: string): LocalReply {
  return {
    status,
    flags,
    details: `upstream_reset_before_response_started{${reason}}`,
    body: `${RESET} reset reason: ${reason.replaceAll('_', ' ')}`,
  };
}

/** Envoy's text for what it cannot parse. */
function refusalBody(status: number): string {
  return status === 400 ? 'Bad Request' : '';
}

function refusalDetails(status: number): string {
  switch (status) {
    case 408:
      return 'request_timeout';
    case 413:
      return 'request_payload_too_large';
    case 426:
      return 'low_version';
    case 431:
      return 'request_headers_too_large';
    default:
      return 'http1.codec_error';
  }
}
