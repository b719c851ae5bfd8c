/** Answers of services, of the classes of reliability.md 1.6 and their neighbours. Lines are joined by CR LF, in Latin-1. */

export type ResponseCase = {
  says: string[];
  /** What the client sees of it. */
  sees: RegExp;
  not?: RegExp;
  method?: 'HEAD';
  /** Bytes follow the answer. Those that come late are read as the answer to the next request, so it is said in one piece only. */
  hasMore?: true;
};

const OK = 'HTTP/1.1 200 OK';
const NONE = ['content-length: 0', '', ''];
const BAD_GATEWAY = /^HTTP\/1\.1 502 /;
/** Nothing that could be taken for the end of a chunked body. */
const NO_END = /\r\n0\r\n\r\n$/;

const refused = (says: string[]): ResponseCase => ({ says, sees: BAD_GATEWAY });
const cut = (...body: string[]): ResponseCase => ({
  says: [OK, 'transfer-encoding: chunked', '', '2', 'ok', ...body],
  sees: /^HTTP\/1\.1 (?:200|502) /,
  not: NO_END,
});

export const OWN_RESPONSE_CASES: Readonly<Record<string, ResponseCase>> = {
  'equal lengths twice are a 502': refused([OK, 'content-length: 2', 'content-length: 2', '', 'ok']),
  'a list of lengths is a 502': refused([OK, 'content-length: 2, 2', '', 'ok']),
  'a length with a sign is a 502': refused([OK, 'content-length: +2', '', 'ok']),
  'a length of twenty digits is a 502': refused([OK, 'content-length: 18446744073709551618', '', 'ok']),
  'another coding than chunked is a 502': refused([OK, 'transfer-encoding: gzip', '', 'ok']),
  'a coding below chunked is a 502': refused([OK, 'transfer-encoding: gzip, chunked', '', '0', '', '']),
  'chunked with a no-break space is a 502': refused([OK, 'transfer-encoding: chunked\xa0', '', '0', '', '']),
  'two codings are a 502': refused([OK, 'transfer-encoding: chunked', 'transfer-encoding: chunked', '', '0', '', '']),
  'a coding on HTTP/1.0 is a 502': refused(['HTTP/1.0 200 OK', 'transfer-encoding: chunked', '', '0', '', '']),
  'a NUL in a value is a 502': refused([OK, 'x-a: a\x00b', ...NONE]),
  'a bare CR in a value is a 502': refused([OK, 'x-a: a\rx-evil: 1', ...NONE]),
  'a bare LF between fields is a 502': refused([OK, 'x-a: a\nx-evil: 1', ...NONE]),
  'a name with a blank is a 502': refused([OK, 'x a: b', ...NONE]),
  'an empty name is a 502': refused([OK, ': b', ...NONE]),
  'a line without a colon is a 502': refused([OK, 'nocolon', ...NONE]),
  'a status of two digits is a 502': refused(['HTTP/1.1 20 OK', ...NONE]),
  'a status of four digits is a 502': refused(['HTTP/1.1 2000 OK', ...NONE]),
  'a status above 599 is a 502': refused(['HTTP/1.1 600 Odd', ...NONE]),
  'HTTP/2.0 is a 502': refused(['HTTP/2.0 200 OK', ...NONE]),
  'a small protocol name is a 502': refused(['http/1.1 200 OK', ...NONE]),
  'an empty line first is a 502': refused(['', OK, ...NONE]),
  'an answer without a head is a 502': refused(['hello']),
  '101 fields are a 502': refused([OK, ...Array.from({ length: 101 }, () => 'x-a: b'), '', '']),
  'a status line without a reason passes': { says: ['HTTP/1.1 200', ...NONE], sees: /^HTTP\/1\.1 200 ?\r\n/ },
  'a bad chunk size cuts the answer': cut('zz', 'evil', '0', '', ''),
  'a chunk that is longer than it says cuts the answer': cut('1', 'evil', '0', '', ''),
  'a chunk size beyond counting cuts the answer': cut('fffffffffffffffff', 'evil'),
  'a trailer without a colon cuts the answer': cut('0', 'nocolon', '', ''),
  'a bare LF behind a chunk size cuts the answer': cut('2\nok', '0', '', ''),
  'a chunked body that ends before its last line is cut': cut('0', ''),
  'a 204 with chunks has no body': {
    says: ['HTTP/1.1 204 No Content', 'transfer-encoding: chunked', '', '4', 'evil', '0', '', ''],
    sees: /^HTTP\/1\.1 204 /,
    not: /evil/,
    hasMore: true,
  },
  'a 304 has no body, whatever follows': {
    says: ['HTTP/1.1 304 Not Modified', 'content-length: 4', '', 'evil'],
    sees: /^HTTP\/1\.1 304 /,
    not: /evil/,
    hasMore: true,
  },
  'an answer to HEAD has no body, whatever follows': {
    method: 'HEAD',
    says: [OK, 'content-length: 4', '', 'evil'],
    sees: /^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 4\r\n/,
    not: /evil/,
    hasMore: true,
  },
  'interim answers are left out': {
    says: [
      'HTTP/1.1 103 Early Hints',
      'link: </a>',
      '',
      'HTTP/1.1 100 Continue',
      '',
      OK,
      'content-length: 2',
      '',
      'ok',
    ],
    sees: /^HTTP\/1\.1 200 OK\r\n/,
    not: /103|link/,
  },
  'stray bytes behind a chunked answer are thrown away': {
    says: [OK, 'transfer-encoding: chunked', '', '2', 'ok', '0', '', 'HTTP/1.1 200 OK', 'x-evil: 1', ...NONE],
    sees: /\r\n0\r\n\r\n$/,
    not: /x-evil/,
    hasMore: true,
  },
  'fields that Connection names are removed, in any case': {
    says: [OK, 'Connection: close, X-Secret', 'x-SECRET: s', 'upgrade: h2c', 'trailer: x-t', ...NONE],
    sees: /^HTTP\/1\.1 200 /,
    not: /secret|upgrade|trailer/i,
  },
  'a Connection that names the length does not take it away': {
    says: [OK, 'connection: content-length', 'content-length: 2', '', 'ok'],
    sees: /content-length: 2\r\n[\s\S]*\r\nok$/,
  },
};
