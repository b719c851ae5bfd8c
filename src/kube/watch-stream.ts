/** The lines of a watch connection as events: one JSON document per line, cut anywhere by the network. */

import type { KubeObject } from '../lib/resource.ts';
import type { WatchEvent } from './kube-client.ts';

/** A line longer than this is not an object of any API server (etcd holds 1.5 MB). */
const LINE_LENGTH_MAX = 32 * 1024 * 1024;

/** Whole lines of a byte stream; a last line without its end was cut off and is dropped. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (LINE_LENGTH_MAX < rest.length) throw new RangeError(`A watch event is too long: got ${rest.length} characters`);
    for (const line of lines) if (line.trim() !== '') yield line;
  }
}

/** @throws SyntaxError when the line is not JSON */
export function parseWatchLine<T extends KubeObject>(line: string): WatchEvent<T> | undefined {
  const { type, object } = JSON.parse(line) as { type?: string; object?: Record<string, unknown> };
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: object as T };
    case 'BOOKMARK':
      return { type, resourceVersion: (object as T).metadata.resourceVersion ?? '' };
    case 'ERROR':
      return {
        type,
        status: Number(object?.code ?? 0),
        reason: String(object?.reason ?? 'Unknown'),
        message: String(object?.message ?? ''),
      };
    default:
      return undefined;
  }
}
