/**
 * Steady traffic with a name on every request: an open model (requests start when they are due, whether or not earlier ones
 * have been answered), so that a stalled service shows as late answers and not as fewer questions.
 */

import { Pool } from 'undici';
import type { Clock, EpochMs } from '../lib/clock.ts';

/** What became of one request, seen from the client. */
export type ClientOutcome = {
  id: string;
  sentAt: EpochMs;
  answeredAt: EpochMs;
  /** Carries `user-type: internal`. */
  internal: boolean;
  /** 0 when no answer came. */
  status: number;
  /** The version that answered; absent when the platform answered instead of the application, or nobody did. */
  version?: string;
  error?: string;
};

export type TrafficOptions = {
  /** `http://127.0.0.1:8080` */
  origin: string;
  /** Host header: the service's name. */
  host: string;
  requestsPerSecond: number;
  /** One request in this many comes from staff. */
  internalEvery: number;
  newId: () => string;
  clock: Clock;
  onOutcome: (outcome: ClientOutcome) => void;
};

export type Traffic = {
  /** Number of requests sent so far. */
  readonly sent: number;
  /** Stops sending and resolves when every request has been answered or has failed; may be called again. */
  stop(): Promise<void>;
};

const TICK_MS = 5;
const ANSWER_TIMEOUT_MS = 15_000;

/** Starts sending at once. */
export function startTraffic(options: TrafficOptions): Traffic {
  const { clock, origin, requestsPerSecond, internalEvery, newId, onOutcome } = options;
  const pool = new Pool(origin, { connections: 64, pipelining: 1, headersTimeout: ANSWER_TIMEOUT_MS });
  const startedAt = clock.monotonicMs();
  const open = new Set<Promise<void>>();
  let sent = 0;
  let cancelTick: (() => void) | undefined;
  let stopped: Promise<void> | undefined;

  const sendOne = (): void => {
    sent += 1;
    const request = ask(pool, options, newId(), sent % internalEvery === 0).then(onOutcome);
    open.add(request);
    request.finally(() => open.delete(request));
  };
  const tick = (): void => {
    const due = Math.floor(((clock.monotonicMs() - startedAt) / 1_000) * requestsPerSecond);
    while (sent < due) sendOne();
    cancelTick = clock.after(TICK_MS, tick);
  };
  tick();

  return {
    get sent() {
      return sent;
    },
    stop() {
      cancelTick?.();
      stopped ??= Promise.all(open).then(() => pool.close());
      return stopped;
    },
  };
}

async function ask(pool: Pool, { host, clock }: TrafficOptions, id: string, internal: boolean): Promise<ClientOutcome> {
  const sentAt = clock.now();
  const headers: Record<string, string> = { host, 'x-request-id': id };
  if (internal) headers['user-type'] = 'internal';
  try {
    const { statusCode, headers: answered, body } = await pool.request({ method: 'GET', path: '/', headers });
    await body.dump();
    const version = answered['x-version'];
    const outcome = { id, sentAt, answeredAt: clock.now(), internal, status: statusCode };
    return typeof version === 'string' ? { ...outcome, version } : outcome;
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    return { id, sentAt, answeredAt: clock.now(), internal, status: 0, error };
  }
}
