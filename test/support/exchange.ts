/** A client that speaks exact bytes: sends what it is given and returns all that came back. */

import { connect, type Socket } from 'node:net';

/** In one piece, byte by byte, cut behind every line, or cut at these shares of the whole. */
export type Delivery = 'whole' | 'bytewise' | 'byLine' | readonly number[];

export type Seen = {
  text: string;
  /** The server closed its side before we closed ours. */
  closed: boolean;
};

/** Sends lines joined by CR LF; resolves when the server closes, or after `until` is seen. */
export function exchange(port: number, lines: readonly string[], until?: RegExp): Promise<Seen> {
  return exchangeBytes(port, Buffer.from(lines.join('\r\n'), 'latin1'), { until });
}

/**
 * Ends when the server closes, when `until` matches, or when nothing came for `quietMs`. With `followUp`, these bytes are sent once
 * `until` matches, and it ends when the server closes.
 */
export async function exchangeBytes(
  port: number,
  bytes: Buffer,
  {
    until,
    followUp,
    quietMs = 20_000,
    delivery = 'whole',
  }: { until?: RegExp | undefined; followUp?: Buffer | undefined; quietMs?: number; delivery?: Delivery } = {},
): Promise<Seen> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const seen = collect(socket, { until, followUp, quietMs });
  void deliver(socket, bytes, delivery);
  return seen;
}

type Ending = { until: RegExp | undefined; followUp: Buffer | undefined; quietMs: number };

function collect(socket: Socket, { until, followUp, quietMs }: Ending): Promise<Seen> {
  return new Promise((resolve, reject) => {
    let text = '';
    let last = followUp;
    const finish = (closed: boolean) => {
      socket.destroy();
      resolve({ text, closed });
    };
    socket.setTimeout(quietMs, () => finish(false));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (until?.test(text) !== true) return;
      if (followUp === undefined) finish(false);
      else if (last !== undefined) socket.write(last);
      last = undefined;
    });
    socket.on('end', () => finish(true));
    socket.on('close', () => finish(true));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') reject(error);
    });
  });
}

async function deliver(socket: Socket, bytes: Buffer, delivery: Delivery): Promise<void> {
  await new Promise((resolve) => socket.once('connect', resolve));
  for (const part of partsOf(bytes, delivery)) {
    if (socket.destroyed || !socket.writable) return;
    await new Promise((resolve) => socket.write(part, resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The pieces in which `bytes` are sent. */
export function partsOf(bytes: Buffer, delivery: Delivery): Buffer[] {
  if (delivery === 'whole') return [bytes];
  if (delivery === 'bytewise') return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  const parts: Buffer[] = [];
  if (typeof delivery !== 'string') {
    const ends = [...delivery.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length];
    return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter((part) => part.length > 0);
  }
  for (let start = 0; start < bytes.length; ) {
    const lineAt = bytes.indexOf('\r\n', start);
    const end = lineAt === -1 ? bytes.length : lineAt + 2;
    parts.push(bytes.subarray(start, end));
    start = end;
  }
  return parts;
}
