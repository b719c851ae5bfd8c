/** Messages that fast-check draws: legal ones from the grammar of RFC 9112, and near misses, which are legal but for a few bytes. */

import fc from 'fast-check';

const TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Bytes on which parsers disagree. */
const SPITEFUL = [0x00, 0x09, 0x0a, 0x0b, 0x0d, 0x20, 0x22, 0x2c, 0x3a, 0x3b, 0x7f, 0x80, 0x85, 0xa0, 0xff];

const textOf = (characters: string, most: number, least = 0) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: least, maxLength: most });

const value = fc
  .string({ unit: fc.constantFrom(...'abc ,;:="/()\t\xe4\xff'), maxLength: 12 })
  .map((text) => text.trim().replace(/^[\t ]+|[\t ]+$/g, ''));

const name = fc.oneof(
  textOf(TOKEN, 8, 1),
  fc.constantFrom(
    'X-A',
    'hos',
    'hostx',
    'content-length2',
    'content_length',
    'Accept',
    'te',
    '__proto__',
    'constructor',
  ),
);

const target = textOf("abc/.%2e-_~!$&'()*+,;=:@?", 12).map((text) => `/${text}`);

export type Field = [name: string, value: string];

/** A legal request head that frames no body, as its parts. */
export const requestParts = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PURGE'),
  target,
  fields: fc.array(fc.tuple(name, value), { maxLength: 5 }),
  blank: fc.constantFrom('', ' ', '\t', ' \t '),
});

export type RequestParts = { method: string; target: string; fields: Field[]; blank: string };

export function requestText({ method, target: path, fields, blank }: RequestParts): string {
  const lines = fields.map(([field, content]) => `${field}:${blank}${content}${blank}\r\n`);
  return `${method} ${path} HTTP/1.1\r\nHost: a.test\r\n${lines.join('')}\r\n`;
}

/** Framing fields as honest and other clients write them. */
export const framingLines = fc.constantFrom(
  '',
  'Content-Length: 5\r\n',
  'Content-Length: 05\r\n',
  'Content-Length: 5 \r\n',
  'Content-Length:5\r\n',
  'Content-Length: +5\r\n',
  'Content-Length: 5, 5\r\n',
  'Content-Length: 5\r\nContent-Length: 5\r\n',
  'Content-Length: 5\r\nContent-Length: 6\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: Chunked\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Transfer-Encoding: chunked, chunked\r\n',
  'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer-Encoding : chunked\r\n',
  'Transfer-Encoding:\x0bchunked\r\n',
  'Connection: close\r\n',
  'Connection: content-length\r\nContent-Length: 5\r\n',
);

/** One chunk as its data and the way in which its size is written. */
export const chunkParts = fc.record({
  data: fc.string({ unit: fc.constantFrom(...'ab\r\n0;\xff'), minLength: 1, maxLength: 40 }),
  zeros: fc.integer({ min: 0, max: 4 }),
  capital: fc.boolean(),
  extension: fc.constantFrom('', ';a', ';a=b', ';a="b;\\"c"', ';a=b;c'),
});

export type ChunkParts = { data: string; zeros: number; capital: boolean; extension: string };

export function chunkedText(chunks: readonly ChunkParts[], trailers: readonly Field[]): string {
  const written = chunks.map(({ data, zeros, capital, extension }) => {
    const size = data.length.toString(16);
    return `${'0'.repeat(zeros)}${capital ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`;
  });
  return `${written.join('')}0\r\n${trailers.map(([field, content]) => `${field}: ${content}\r\n`).join('')}\r\n`;
}

export const trailerFields = fc.array(fc.tuple(name, value), { maxLength: 2 });

/** One to three bytes deleted, doubled or put in, anywhere. */
export const mutations = fc.array(
  fc.record({
    kind: fc.constantFrom('delete', 'double', 'insert'),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    byte: fc.constantFrom(...SPITEFUL),
  }),
  { minLength: 1, maxLength: 3 },
);

export type Mutation = { kind: string; at: number; byte: number };

export function mutated(text: string, changes: readonly Mutation[]): string {
  return changes.reduce((changed, { kind, at, byte }) => {
    const position = Math.floor(at * changed.length);
    const [before, after] = [changed.slice(0, position), changed.slice(position)];
    if (kind === 'delete') return before + after.slice(1);
    if (kind === 'double') return before + after.slice(0, 1) + after;
    return before + String.fromCharCode(byte) + after;
  }, text);
}
