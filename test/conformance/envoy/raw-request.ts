/** One request over a connection of its own, written exactly as told. */

import { connect } from 'node:net';
import type { Field } from './cases.ts';

export type RawAnswer = { status: number; headers: Field[]; body: string };

/** @returns `undefined` when the connection ended without an answer */
export function rawRequest(
  port: number,
  request: { method: string; path: string; headers: readonly Field[]; body: string | undefined },
  timeoutMs: number,
): Promise<RawAnswer | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    const finish = (answer: RawAnswer | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(headOf(request), 'latin1'));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const answer = parseAnswer(text, { isHead: request.method === 'HEAD', ended: false });
      if (answer !== undefined) finish(answer);
    });
    socket.on('error', () => finish(undefined));
    socket.on('close', () => finish(parseAnswer(text, { isHead: request.method === 'HEAD', ended: true })));
  });
}

function headOf({ method, path, headers, body }: Parameters<typeof rawRequest>[1]): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const needsLength =
    body !== undefined && !headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  const length = needsLength ? `content-length: ${Buffer.byteLength(body)}\r\n` : '';
  return `${method} ${path} HTTP/1.1\r\n${lines}${length}\r\n${body ?? ''}`;
}

function parseAnswer(text: string, { isHead, ended }: { isHead: boolean; ended: boolean }): RawAnswer | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [line = '', ...lines] = text.slice(0, headEnd).split('\r\n');
  const status = Number(line.split(' ')[1]);
  if (status === 100) return parseAnswer(text.slice(headEnd + 4), { isHead, ended });
  const headers = lines.map((each): Field => {
    const colonAt = each.indexOf(':');
    return [each.slice(0, colonAt).toLowerCase(), each.slice(colonAt + 1).trim()];
  });
  const rest = text.slice(headEnd + 4);
  const length = headers.find(([name]) => name === 'content-length')?.[1];
  if (isHead || status === 204 || status === 304) return { status, headers, body: '' };
  if (length === undefined && !ended) return undefined;
  if (length !== undefined && rest.length < Number(length)) return undefined;
  return { status, headers, body: rest };
}
