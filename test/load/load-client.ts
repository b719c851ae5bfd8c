/** A client of a load run: makes a connection, sends requests on it, one after the other or some ahead, and tells the ledger. */

import { connect, type Socket } from 'node:net';
import { type ReadAnswer, takeAnswer } from './answer-reader.ts';
import type { Ledger } from './ledger.ts';
import { isMarkedBy, markedBody } from './marks.ts';

const POST_BYTES_MOST = 20_000;

export type ClientKind = {
  /** Requests per connection at most. */
  requests: number;
  /** Requests that are sent before the first is answered. */
  ahead: number;
};

export type LoadRun = {
  port: number;
  ledger: Ledger;
  random: () => number;
  nowMs: () => number;
  ackedVersion: () => number;
  /** Whether another request is to be sent; asked once for each. */
  takesMore: () => boolean;
};

/** Makes connections until the run takes no more requests. */
export async function runClient(run: LoadRun, kind: ClientKind): Promise<void> {
  for (let more = true; more; ) more = await useConnection(run, kind);
}

/** @returns whether there may be more to do */
function useConnection(run: LoadRun, kind: ClientKind): Promise<boolean> {
  const { ledger, nowMs } = run;
  return new Promise((resolve) => {
    const waiting: number[] = [];
    let text = '';
    let left = kind.requests;
    let more = true;
    let isRefused = false;
    const socket = connect({ port: run.port, host: '127.0.0.1', noDelay: true });
    const fill = () => {
      while (more && left > 0 && waiting.length < kind.ahead) {
        more = run.takesMore();
        if (more) waiting.push(send(socket, run, --left === 0));
      }
      if (waiting.length === 0) socket.destroy();
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let taken = takeAnswer(text); taken !== undefined; taken = takeAnswer(text)) {
        text = text.slice(taken.length);
        const id = waiting.shift();
        if (id === undefined) ledger.complain('an answer came that nobody had asked for');
        else ledger.ended(id, { kind: 'answered', ...judged(taken.answer, id) }, nowMs());
      }
      fill();
    });
    // A reset of a connection that was queued may be told before its beginning: that one is lost, not refused.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      isRefused = error.code === 'ECONNREFUSED';
    });
    socket.once('close', () => {
      for (const id of waiting) ledger.ended(id, { kind: isRefused ? 'refused' : 'lost' }, nowMs());
      resolve(more);
    });
    fill();
  });
}

function send(socket: Socket, { ledger, random, nowMs, ackedVersion }: LoadRun, isLast: boolean): number {
  const method = random() < 0.3 ? 'POST' : 'GET';
  const id = ledger.sent(method, { nowMs: nowMs(), ackedVersion: ackedVersion() });
  const body = method === 'POST' ? markedBody(id, Math.floor(random() ** 3 * POST_BYTES_MOST)) : '';
  const inChunks = method === 'POST' && random() < 0.5;
  const framing = inChunks
    ? 'transfer-encoding: chunked\r\n'
    : method === 'POST'
      ? `content-length: ${body.length}\r\n`
      : '';
  const head = `${method} /load/${id} HTTP/1.1\r\nhost: shop\r\nx-load-id: ${id}\r\nx-request-id: load-${id}\r\n`;
  const content = inChunks ? chunksOf(body) : body;
  socket.write(`${head}${framing}${isLast ? 'connection: close\r\n' : ''}\r\n${content}`, 'latin1');
  return id;
}

function chunksOf(body: string): string {
  const half = Math.floor(body.length / 2);
  const parts = [body.slice(0, half), body.slice(half)].filter((part) => part !== '');
  return `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
}

function judged({ status, fields, body }: ReadAnswer, id: number) {
  const own = status >= 500 || (fields.get('x-load-id') === String(id) && isMarkedBy(body, id));
  return { status, own, by: fields.get('x-load-service') };
}
