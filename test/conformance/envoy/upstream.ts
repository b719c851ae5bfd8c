/**
 * The echo upstream of the conformance cases: several servers in one process, each an endpoint that does what the request asks
 * for (README.md, `x-up`) and writes down what it received, by `x-oracle-id`. Speaks HTTP/1.1 over plain sockets, so that it can
 * reset and hang at will.
 */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export type Received = {
  endpoint: string;
  connection: number;
  /** A mirrored copy. */
  isShadow: boolean;
  method: string;
  path: string;
  host: string;
  headers: [string, string][];
  bodyLength: number;
};

export type Upstreams = {
  /** Port by name of the endpoint. */
  ports: Readonly<Record<string, number>>;
  /** What arrived with this id, in order. */
  received(id: string): readonly Received[];
  close(): Promise<void>;
};

type Request = Omit<Received, 'endpoint' | 'connection' | 'isShadow' | 'bodyLength'> & { body: Buffer };

export async function startUpstreams(names: readonly string[]): Promise<Upstreams> {
  const log = new Map<string, Received[]>();
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const ports: Record<string, number> = {};
  let connections = 0;
  for (const name of names) {
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      serve(socket, { name, connection: ++connections, log });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports[name] = (server.address() as AddressInfo).port;
    servers.push(server);
  }
  return {
    ports,
    received: (id) => log.get(id) ?? [],
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

type Site = { name: string; connection: number; log: Map<string, Received[]> };

function serve(socket: Socket, site: Site): void {
  let bytes = Buffer.alloc(0);
  let answering: Promise<void> = Promise.resolve();
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const parsed = parseRequest(bytes);
      if (parsed === undefined) return;
      bytes = bytes.subarray(parsed.length);
      answering = answering.then(() => answer(socket, parsed.request, site));
    }
  });
}

function parseRequest(bytes: Buffer): { request: Request; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [line = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const headers = lines.map((each): [string, string] => {
    const colonAt = each.indexOf(':');
    return [each.slice(0, colonAt), each.slice(colonAt + 1).trim()];
  });
  const body = readBody(bytes.subarray(headEnd + 4), headers);
  if (body === undefined) return undefined;
  const method = line.slice(0, line.indexOf(' '));
  const path = line.slice(method.length + 1, line.lastIndexOf(' '));
  const request = { method, path, host: first(headers, 'host'), headers, body: body.content };
  return { request, length: headEnd + 4 + body.length };
}

function readBody(bytes: Buffer, headers: [string, string][]): { content: Buffer; length: number } | undefined {
  if (first(headers, 'transfer-encoding').includes('chunked')) return readChunks(bytes);
  const length = Number(first(headers, 'content-length') || 0);
  return bytes.length < length ? undefined : { content: bytes.subarray(0, length), length };
}

function readChunks(bytes: Buffer): { content: Buffer; length: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return undefined;
    if (size === 0) return { content: Buffer.concat(parts), length: end };
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = end;
  }
}

async function answer(socket: Socket, request: Request, { name, connection, log }: Site): Promise<void> {
  const { method, path, host, headers, body } = request;
  const id = first(headers, 'x-oracle-id') || 'none';
  const seen = log.get(id) ?? [];
  log.set(id, seen);
  const isShadow = isCopy(headers);
  const step = stepOf(headers, { name, isShadow, seen });
  seen.push({ endpoint: name, connection, isShadow, method, path, host, headers, bodyLength: body.length });
  let status = 200;
  let ending = '';
  for (const part of step.split('/')) {
    if (part.startsWith('delay:')) await new Promise((resolve) => setTimeout(resolve, Number(part.slice(6)) * 1_000));
    else if (['reset', 'close', 'hang'].includes(part)) ending = part;
    else if (part !== '') status = Number(part);
  }
  if (ending === 'hang') return;
  if (ending === 'reset') socket.resetAndDestroy();
  else if (ending === 'close') socket.end();
  else socket.write(responseOf(headers, { name, status, isHead: method === 'HEAD' }));
}

// The proxy takes this field from callers, so that only its own copies carry it.
function isCopy(headers: [string, string][]): boolean {
  return first(headers, 'x-envoy-internal') === 'true';
}

/** The step of this attempt: of this endpoint, else of the request; the last one is repeated. */
function stepOf(
  headers: [string, string][],
  { name, isShadow, seen }: { name: string; isShadow: boolean; seen: readonly Received[] },
): string {
  if (isShadow) return (first(headers, 'x-up-shadow') || '200').split(',')[0] as string;
  const own = first(headers, `x-up-${name}`);
  const before = seen.filter((each) => !each.isShadow && (own === '' || each.endpoint === name)).length;
  const steps = (own || first(headers, 'x-up') || '200').split(',');
  return (steps[Math.min(before, steps.length - 1)] as string).trim();
}

function responseOf(headers: [string, string][], reply: { name: string; status: number; isHead: boolean }): string {
  const body = reply.status === 204 || reply.status === 304 ? '' : `from ${reply.name}`;
  const extra = first(headers, 'x-up-resp')
    .split(';')
    .filter((pair) => pair !== '')
    .map((pair) => pair.replace('=', ': '));
  const length = reply.status === 204 ? [] : [`content-length: ${body.length}`];
  const lines = ['content-type: text/plain', `x-served-by: ${reply.name}`, ...extra, ...length];
  return `HTTP/1.1 ${reply.status} X\r\n${lines.join('\r\n')}\r\n\r\n${reply.isHead ? '' : body}`;
}

function first(headers: [string, string][], name: string): string {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
}
