/**
 * Every byte at every position of the grammar (reliability.md OP01), against a table that is written down from the RFCs and
 * shares nothing with the parsers.
 */

import { describe, expect, test } from 'vitest';
import { ChunkScanner } from '../../../src/proxy/h1/chunk-scanner.ts';
import { RequestHead } from '../../../src/proxy/h1/request-head.ts';
import { ResponseHead } from '../../../src/proxy/h1/response-head.ts';
import { Outbox } from '../../../src/proxy/outbox.ts';

const LIMITS = { headBytes: 60 * 1_024, fields: 100 };
const DIGITS = '0123456789';
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** RFC 9110 §5.6.2. */
const TOKEN = `!#$%&'*+-.^_\`|~${DIGITS}${LETTERS}`;
/** RFC 5234 VCHAR. */
const VISIBLE = String.fromCharCode(...range(0x21, 0x7e));
/** RFC 9110 §5.5: what a field value may hold, blanks included. */
const VALUE = `\t ${VISIBLE}${String.fromCharCode(...range(0x80, 0xff))}`;

type Position = {
  /** The input with the byte in its place. */
  input: (byte: string) => string;
  /** Bytes that are accepted there. */
  accepts: string;
};

const request = (line: string, field = 'x: y') => `${line}\r\nhost: a\r\n${field}\r\n\r\n`;
const LINE = 'GET /t HTTP/1.1';

const REQUEST_POSITIONS: Record<string, Position> = {
  'first of the method': { input: (byte) => request(`${byte}ET /t HTTP/1.1`), accepts: 'G' },
  'middle of the method': { input: (byte) => request(`G${byte}T /t HTTP/1.1`), accepts: 'E' },
  'behind the method': { input: (byte) => request(`GET${byte}/t HTTP/1.1`), accepts: ' ' },
  'first of the target': { input: (byte) => request(`GET ${byte}t HTTP/1.1`), accepts: '/' },
  'middle of the target': { input: (byte) => request(`GET /t${byte}x HTTP/1.1`), accepts: VISIBLE },
  'in the protocol name': { input: (byte) => request(`GET /t HT${byte}P/1.1`), accepts: 'T' },
  'digit of the version': { input: (byte) => request(`GET /t HTTP/1.${byte}`), accepts: '1' },
  'behind the version': { input: (byte) => `GET /t HTTP/1.1${byte}\nhost: a\r\n\r\n`, accepts: '\r' },
  'first of a name': { input: (byte) => request(LINE, `${byte}ame: v`), accepts: TOKEN },
  'middle of a name': { input: (byte) => request(LINE, `na${byte}e: v`), accepts: `${TOKEN}:` },
  'behind the colon': { input: (byte) => request(LINE, `name:${byte}v`), accepts: VALUE },
  'middle of a value': { input: (byte) => request(LINE, `name: a${byte}b`), accepts: VALUE },
  'behind CR': { input: (byte) => `${LINE}\r\nhost: a\r${byte}\r\n`, accepts: '\n' },
  'behind CR of the empty line': { input: (byte) => `${LINE}\r\nhost: a\r\n\r${byte}`, accepts: '\n' },
  'middle of Host': {
    input: (byte) => `${LINE}\r\nhost: a${byte}b\r\n\r\n`,
    accepts: `${DIGITS}${LETTERS}-._~%!$&'()*+;=`,
  },
  'middle of Content-Length': { input: (byte) => request(LINE, `content-length: 1${byte}2`), accepts: DIGITS },
  'behind chunked': { input: (byte) => request(LINE, `transfer-encoding: chunked${byte}`), accepts: '\t ' },
};

const chunked = (byte: string) => {
  const size = Number.parseInt(byte, 16);
  return size === 0 ? '0\r\n\r\n' : `${byte}\r\n${'d'.repeat(Number.isNaN(size) ? 5 : size)}\r\n0\r\n\r\n`;
};

const CHUNK_POSITIONS: Record<string, Position> = {
  'chunk size': { input: chunked, accepts: `${DIGITS}abcdefABCDEF` },
  'behind the chunk size': { input: (byte) => `5${byte}\nhello\r\n0\r\n\r\n`, accepts: '\r' },
  'chunk extension': { input: (byte) => `5;a${byte}b\r\nhello\r\n0\r\n\r\n`, accepts: `${TOKEN}=;` },
  'quoted extension': { input: (byte) => `5;a="b${byte}c"\r\nhello\r\n0\r\n\r\n`, accepts: VALUE.replace('"', '') },
  'behind the data': { input: (byte) => `5\r\nhello${byte}\n0\r\n\r\n`, accepts: '\r' },
  'behind CR of the data': { input: (byte) => `5\r\nhello\r${byte}0\r\n\r\n`, accepts: '\n' },
  'trailer name': { input: (byte) => `0\r\nna${byte}e: v\r\n\r\n`, accepts: `${TOKEN}:` },
  'trailer value': { input: (byte) => `0\r\nname: a${byte}b\r\n\r\n`, accepts: VALUE },
};

const RESPONSE_POSITIONS: Record<string, Position> = {
  'digit of the version of an answer': { input: (byte) => `HTTP/1.${byte} 200 OK\r\n\r\n`, accepts: '01' },
  'first digit of a status': { input: (byte) => `HTTP/1.1 ${byte}00 OK\r\n\r\n`, accepts: '12345' },
  'last digit of a status': { input: (byte) => `HTTP/1.1 20${byte} OK\r\n\r\n`, accepts: DIGITS },
  'middle of a reason': { input: (byte) => `HTTP/1.1 200 O${byte}K\r\n\r\n`, accepts: VALUE },
  'middle of a name of an answer': {
    input: (byte) => `HTTP/1.1 200 OK\r\nna${byte}e: v\r\n\r\n`,
    accepts: `${TOKEN}:`,
  },
  'middle of a value of an answer': { input: (byte) => `HTTP/1.1 200 OK\r\nname: a${byte}b\r\n\r\n`, accepts: VALUE },
};

describe('the byte matrix', () => {
  matrix(REQUEST_POSITIONS, (bytes) => new RequestHead(LIMITS).parse(bytes, 0, bytes.length) === bytes.length);
  matrix(RESPONSE_POSITIONS, (bytes) => new ResponseHead(LIMITS).parse(bytes, 0, bytes.length) === bytes.length);
  matrix(CHUNK_POSITIONS, (bytes) => {
    const scanner = new ChunkScanner();
    const end = scanner.feed(bytes, 0, bytes.length, new Outbox());
    return scanner.refusal === 0 && scanner.done && end === bytes.length;
  });
});

function matrix(positions: Record<string, Position>, isAccepted: (bytes: Buffer) => boolean): void {
  test.each(Object.entries(positions))('%s', (_name, { input, accepts }) => {
    const accepted = range(0, 255).filter((byte) =>
      isAccepted(Buffer.from(input(String.fromCharCode(byte)), 'latin1')),
    );
    expect(accepted).toEqual([...accepts].map((byte) => byte.charCodeAt(0)).sort((a, b) => a - b));
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
