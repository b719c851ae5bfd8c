/** One GET of a metrics page, bounded in time and size. */

import { type Dispatcher, request } from 'undici';
import type { Clock } from '../../lib/clock.ts';

const PAGE_BYTES_MAX = 16 << 20;

export type FetchPageOptions = { dispatcher: Dispatcher; clock: Clock; timeoutMs: number; signal: AbortSignal };

/** @throws when there is no complete answer with status 200 in time */
export async function fetchPage(
  url: string,
  { dispatcher, clock, timeoutMs, signal }: FetchPageOptions,
): Promise<string> {
  const deadline = new AbortController();
  const cancel = clock.after(timeoutMs, () => deadline.abort(new Error(`No answer within ${timeoutMs} ms`)));
  try {
    const { statusCode, body } = await request(url, {
      dispatcher,
      signal: AbortSignal.any([signal, deadline.signal]),
      headers: { accept: 'text/plain;version=0.0.4', 'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1_000) },
    });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`The page answered with status ${statusCode}`);
    }
    return await readBody(body);
  } finally {
    cancel();
  }
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > PAGE_BYTES_MAX) throw new Error(`The page is longer than ${PAGE_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
