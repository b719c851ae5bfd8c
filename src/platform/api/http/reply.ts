/** What a handler answers: a whole body, or a stream that the handler writes itself. */

import type { ServerResponse } from 'node:http';
import { stringify as stringifyYaml } from 'yaml';
import type { Representation } from '../request/representation.ts';

export type Reply =
  | {
      kind: 'whole';
      status: number;
      contentType: string;
      body: string | Uint8Array;
      /** Sentences for `Warning` headers. */
      warnings?: readonly string[];
    }
  | { kind: 'stream'; write: (response: ServerResponse) => void | Promise<void> };

export const JSON_TYPE = 'application/json';

/** An answer given as its JSON text, which the store has at hand. */
export function textReply(text: string, { status = 200, format = 'json' }: ReplyShape = {}): Reply {
  if (format === 'json') return { kind: 'whole', status, contentType: JSON_TYPE, body: text };
  return { kind: 'whole', status, contentType: 'application/yaml', body: stringifyYaml(JSON.parse(text)) };
}

export function jsonReply(value: unknown, shape: ReplyShape = {}): Reply {
  return textReply(JSON.stringify(value), shape);
}

export type ReplyShape = { status?: number; format?: Representation['format'] };

export function withWarnings(reply: Reply, warnings: readonly string[]): Reply {
  return reply.kind === 'stream' || warnings.length === 0 ? reply : { ...reply, warnings };
}

/** Sends a whole answer; the form of warnings is RFC 7234 §5.5 with the code that Kubernetes uses. */
export function sendReply(response: ServerResponse, reply: Reply & { kind: 'whole' }): void {
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  const warnings = (reply.warnings ?? []).map((text) => `299 - ${JSON.stringify(asciiOf(text)).slice(0, 2_000)}`);
  if (warnings.length > 0) response.setHeader('warning', warnings);
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': body.length,
    'cache-control': 'no-cache, private',
  });
  response.end(body);
}

/** Header values carry no line breaks and nothing beyond ASCII. */
function asciiOf(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ');
}
