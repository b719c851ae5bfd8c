/** A client that speaks exact bytes: sends what it is given and returns all that came back. */

import { connect, type Socket } from 'node:net';

export type Delivery = 'whole' | 'bytewise' | 'byLine';

export type Seen = {
  text: string;
  /** The server closed its side before we closed ours. */
  closed: boolean;
};

/** Sends lines joined by CR LF; resolves when the server closes, or after `until` is seen. */
export function exchange(port: number, lines: readonly string[], until?: RegExp): Promise<Seen> {
  return exchangeBytes(port, Buffer.from(lines.join('\r\n'), 'latin1'), { until });
}

/** Ends when the server closes, when `until` matches, or when nothing came for `quietMs`. */
export async function exchangeBytes(
  port: number,
  bytes: Buffer,
  {
    until,
    quietMs = 20_000,
    delivery = 'whole',
  }: { until?: RegExp | undefined; quietMs?: number; delivery?: Delivery } = {},
): Promise<Seen> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const seen = collect(socket, until, quietMs);
  void deliver(socket, bytes, delivery);
  return seen;
}

function collect(socket: Socket, until: RegExp | undefined, quietMs: number): Promise<Seen> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (closed: boolean) => {
      socket.destroy();
      resolve({ text, closed });
    };
    socket.setTimeout(quietMs, () => finish(false));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (until?.test(text)) finish(false);
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

function partsOf(bytes: Buffer, delivery: Delivery): Buffer[] {
  if (delivery === 'whole') return [bytes];
  if (delivery === 'bytewise') return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const lineAt = bytes.indexOf('\r\n', start);
    const end = lineAt === -1 ? bytes.length : lineAt + 2;
    parts.push(bytes.subarray(start, end));
    start = end;
  }
  return parts;
}
