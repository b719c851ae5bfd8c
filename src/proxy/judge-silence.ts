/** What a client's slowness costs it. Pure: the connection says how it stands, the limits what is allowed. */

import type { ProxyLimits } from './data-path.ts';

export type ConnectionStanding = {
  state: 'idle' | 'head' | 'body' | 'answer' | 'tunnel' | 'closing' | 'closed';
  draining: boolean;
  /** Since the state began. */
  lastedMs: number;
  bytesRead: number;
  /** Whether we, not the client, are the ones who wait. */
  waitsForUs: boolean;
  /** Since bytes came last. */
  silentMs: number;
  /** Whether the body in hand has a Content-Length. */
  knowsLength: boolean;
  /** Whether the client is the caller beside a sidecar, whose pace is its own business. */
  isTrusted: boolean;
  /** How long a write has been waiting for the client to take it; 0 when none is. */
  stalledMs: number;
};

/** `refuse`: answer 408 and close; `close`: in order; `destroy`: at once. */
export type Judgement = 'keep' | 'refuse' | 'close' | 'destroy';

export function judgeSilence(standing: ConnectionStanding, limits: ProxyLimits): Judgement {
  const { state, lastedMs } = standing;
  if (standing.stalledMs > limits.stallTimeoutMs) return 'destroy';
  switch (state) {
    case 'idle':
      // While draining an idle client still gets a moment, because a request of it may be on its way.
      return lastedMs > (standing.draining ? limits.lingerMs : limits.idleTimeoutMs) ? 'close' : 'keep';
    case 'head':
      return lastedMs > limits.headTimeoutMs ? 'refuse' : 'keep';
    case 'body':
      return isTooSlow(standing, limits) ? 'refuse' : 'keep';
    case 'closing':
      return lastedMs > limits.lingerMs ? 'destroy' : 'keep';
    case 'answer':
    case 'tunnel':
    case 'closed':
      return 'keep';
    default:
      return state satisfies never;
  }
}

// A body in chunks may be a stream that says little, so only its silence counts.
function isTooSlow(standing: ConnectionStanding, limits: ProxyLimits): boolean {
  const { lastedMs, silentMs, bytesRead, waitsForUs, knowsLength, isTrusted } = standing;
  if (isTrusted || waitsForUs) return false;
  if (!knowsLength) return silentMs > limits.bodySilenceMs;
  return lastedMs > limits.bodyGraceMs && bytesRead < (lastedMs / 1_000) * limits.bodyBytesPerSecond;
}

/** Why a connection is closed, for its counter. */
export function reasonOf({ state, stalledMs }: ConnectionStanding, judgement: 'close' | 'destroy'): string {
  if (judgement === 'close') return 'idle';
  return stalledMs > 0 && state !== 'closing' ? 'not_taken' : 'lingers';
}
