/** What pages of the admin port answer, and what several of them need. */

import { type Clock, delay } from '../../lib/clock.ts';
import type { WorkerPool } from './worker-pool.ts';

export type AdminAnswer = { status: number; type: string; body: string };

const TEXT = 'text/plain; charset=utf-8';
/** A worker that does not answer in time is left out of a scrape; what it counted comes with the next. */
const COLLECT_MS = 500;

export function text(body: string, status = 200): AdminAnswer {
  return { status, type: TEXT, body };
}

export function json(value: unknown): AdminAnswer {
  return { status: 200, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

/** Has the workers say what they counted. */
export function collect({ pool, clock }: { pool: WorkerPool; clock: Clock }): Promise<void> {
  return Promise.race([pool.collect(), delay(clock, COLLECT_MS)]);
}
