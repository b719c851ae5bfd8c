/** One call of a webhook: POST with JSON, a deadline for each try, no redirects, an answer of bounded size. */

import { Agent, fetch } from 'undici';
import { type BackoffPolicy, backoffMs } from '../lib/backoff.ts';
import { type Clock, delay } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';

export type WebhookCall = {
  url: string;
  body: unknown;
  /** Of one try, in milliseconds. */
  timeoutMs: number;
  /** Tries after the first one; only for connection errors, 429 and 5xx but 501. */
  retries: number;
  /** Accept any certificate. */
  disableTLS: boolean;
  /** The same for every repetition of one call, so that the receiver can tell repetitions apart. */
  idempotencyKey: string;
};

export type WebhookAnswer = { ok: true; text: string } | { ok: false; reason: string };

export type WebhookTools = { clock: Clock; random: () => number; signal: AbortSignal };

const BACKOFF: BackoffPolicy = { baseMs: 1_000, maxMs: 30_000, jitter: 0.2 };
const ANSWER_BYTES_MAX = 64 * 1024;

let unverified: Agent | undefined;

/** Success is 200, 201 or 202. Never rejects but when `signal` is aborted. */
export async function callWebhook(call: WebhookCall, tools: WebhookTools): Promise<WebhookAnswer> {
  for (let tries = 0; ; tries++) {
    const { answer, mayRetry } = await callOnce(call, tools);
    if (answer.ok || !mayRetry || call.retries <= tries) return answer;
    await delay(tools.clock, backoffMs(BACKOFF, tries, tools.random()), tools.signal);
  }
}

type Tried = { answer: WebhookAnswer; mayRetry: boolean };

async function callOnce(call: WebhookCall, { clock, signal }: WebhookTools): Promise<Tried> {
  const deadline = new AbortController();
  const cancel = clock.after(call.timeoutMs, () => deadline.abort(new Error(`No answer within ${call.timeoutMs} ms`)));
  try {
    const response = await fetch(call.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': call.idempotencyKey },
      body: JSON.stringify(call.body),
      redirect: 'manual',
      signal: AbortSignal.any([signal, deadline.signal]),
      ...(call.disableTLS && { dispatcher: unverifiedAgent() }),
    });
    const text = await readBounded(response.body);
    if (response.status === 200 || response.status === 201 || response.status === 202) {
      return { answer: { ok: true, text }, mayRetry: false };
    }
    const mayRetry = response.status === 429 || (500 <= response.status && response.status !== 501);
    const detail = text === '' ? '' : `: ${text.slice(0, 200)}`;
    return { answer: { ok: false, reason: `The webhook answered ${response.status}${detail}` }, mayRetry };
  } catch (thrown) {
    signal.throwIfAborted();
    const cause = thrown instanceof Error && thrown.cause !== undefined ? ` (${messageOf(thrown.cause)})` : '';
    return {
      answer: { ok: false, reason: `The webhook cannot be reached: ${messageOf(thrown)}${cause}` },
      mayRetry: true,
    };
  } finally {
    cancel();
  }
}

async function readBounded(body: AsyncIterable<unknown> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    const bytes = chunk as Uint8Array;
    chunks.push(bytes);
    size += bytes.byteLength;
    if (size > ANSWER_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, ANSWER_BYTES_MAX).trim();
}

function unverifiedAgent(): Agent {
  unverified ??= new Agent({ connect: { rejectUnauthorized: false } });
  return unverified;
}
