/** Scripted servers: one that answers any bytes with exact bytes, and one that records what it is asked with a strict parser. */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export type Upstream = { port: number; connections: number; close(): Promise<void> };

/** Answers any bytes with these lines, joined by CR LF, and hangs up. */
export function upstreamSaying(...lines: string[]): Promise<Upstream> {
  return upstreamDoing((socket) => {
    socket.once('data', () => socket.end(lines.join('\r\n'), 'latin1'));
  });
}

export async function upstreamDoing(onConnection: (socket: Socket, upstream: Upstream) => void): Promise<Upstream> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    upstream.connections++;
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket, upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream: Upstream = {
    port: (server.address() as AddressInfo).port,
    connections: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return upstream;
}

/** `raw` is every byte of it, in Latin-1. */
export type Recorded = { line: string; fields: [string, string][]; body: string; head: string; raw: string };

export type RecordingUpstream = Upstream & {
  /** Complete requests, in order. */
  requests: Recorded[];
  /** What broke the grammar of RFC 9112. */
  errors: string[];
  /** Every byte received. */
  tape: string;
};

/** Answers every complete request with 200 and its `x-request-id`; anything outside the grammar is an error on the tape. */
export async function recordingUpstream(name = 'up'): Promise<RecordingUpstream> {
  const requests: Recorded[] = [];
  const errors: string[] = [];
  const recording = { requests, errors, tape: '' };
  const upstream = await upstreamDoing((socket) => {
    let pending = '';
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      recording.tape += text;
      pending += text;
      try {
        for (let taken = takeRequest(pending); taken !== undefined; taken = takeRequest(pending)) {
          pending = pending.slice(taken.length);
          requests.push(taken.request);
          socket.write(answerTo(taken.request, name), 'latin1');
        }
      } catch (thrown) {
        errors.push(String(thrown));
        socket.destroy();
      }
    });
  });
  return Object.assign(upstream, recording, {
    get tape() {
      return recording.tape;
    },
  });
}

function answerTo({ line, fields }: Recorded, name: string): string {
  const id = fields.find(([field]) => field === 'x-request-id')?.[1] ?? '';
  const body = line.startsWith('HEAD ') ? '' : name;
  return `HTTP/1.1 200 OK\r\nx-served-by: ${name}\r\nx-echo-id: ${id}\r\ncontent-length: ${name.length}\r\n\r\n${body}`;
}

/** @returns the first complete request of `text` (Latin-1) @throws when it breaks the grammar of RFC 9112 */
export function takeRequest(text: string): { request: Recorded; length: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const head = text.slice(0, headEnd);
  const [line = '', ...rest] = head.split('\r\n');
  if (!/^[A-Z-]+ (?:\/[!-~]*|\*) HTTP\/1\.1$/.test(line)) throw new Error(`request line: ${line}`);
  const fields = rest.map((field): [string, string] => {
    const parts = /^([!#$%&'*+.^_`|~0-9a-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/.exec(field);
    if (parts === null) throw new Error(`field: ${JSON.stringify(field)}`);
    return [parts[1] as string, parts[2] as string];
  });
  const body = takeBody(text.slice(headEnd + 4), fields);
  if (body === undefined) return undefined;
  const length = headEnd + 4 + body.length;
  return { request: { line, fields, body: body.content, head, raw: text.slice(0, length) }, length };
}

function takeBody(text: string, fields: [string, string][]): { content: string; length: number } | undefined {
  const all = (name: string) => fields.filter(([field]) => field === name).map(([, value]) => value);
  const [lengths, codings, hosts] = [all('content-length'), all('transfer-encoding'), all('host')];
  if (hosts.length !== 1) throw new Error('host');
  if (lengths.length + codings.length > 1) throw new Error('framing');
  if (codings.length === 1) return takeChunks(text);
  if (lengths[0] !== undefined && !/^(?:0|[1-9]\d*)$/.test(lengths[0])) throw new Error('content-length');
  const length = Number(lengths[0] ?? 0);
  return text.length < length ? undefined : { content: text.slice(0, length), length };
}

function takeChunks(text: string): { content: string; length: number } | undefined {
  let at = 0;
  let content = '';
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = text.slice(at, lineEnd);
    if (!/^(?:0|[1-9a-f][0-9a-f]*)$/.test(size)) throw new Error(`chunk size: ${size}`);
    const start = lineEnd + 2;
    const end = start + Number.parseInt(size, 16);
    if (text.length < end + 2) return undefined;
    if (text.slice(end, end + 2) !== '\r\n') throw new Error('chunk end');
    if (size === '0') return { content, length: end + 2 };
    content += text.slice(start, end);
    at = end + 2;
  }
}
