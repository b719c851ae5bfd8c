/** A DNS server (RFC 1035) on loopback that answers as it is told. */

import { createSocket } from 'node:dgram';

export type DnsServer = {
  /** `127.0.0.1:port`. */
  at: string;
  /** IPv4 addresses by name; a name that is not there does not exist. */
  addresses: Map<string, readonly string[]>;
  /** Says nothing from now on, as one that is away. */
  isSilent: boolean;
  close(): Promise<void>;
};

const TTL_SECONDS = 1;
const HEADER_BYTES = 12;
const TYPE_A = 1;
/** A pointer to the name of the question. */
const SAME_NAME = 0xc0_00 | HEADER_BYTES;
const RESPONSE = 0x81_80;
const NO_SUCH_NAME = 3;

export async function startDnsServer(): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const server: DnsServer = {
    at: '',
    addresses: new Map(),
    isSilent: false,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query);
    if (server.isSilent) return;
    const known = server.addresses.get(name);
    const answers = type === TYPE_A ? (known ?? []) : [];
    const head = Buffer.alloc(HEADER_BYTES);
    query.copy(head, 0, 0, 2);
    const fields = [RESPONSE | (known === undefined ? NO_SUCH_NAME : 0), 1, answers.length, 0, 0];
    for (const [index, value] of fields.entries()) head.writeUInt16BE(value, 2 + 2 * index);
    socket.send(Buffer.concat([head, query.subarray(HEADER_BYTES, end), ...answers.map(recordOf)]), from.port);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  server.at = `127.0.0.1:${socket.address().port}`;
  return server;
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function recordOf(address: string): Buffer {
  const record = Buffer.alloc(16);
  for (const [index, value] of [SAME_NAME, TYPE_A, 1, 0, TTL_SECONDS, 4].entries())
    record.writeUInt16BE(value, 2 * index);
  Buffer.from(address.split('.').map(Number)).copy(record, 12);
  return record;
}
