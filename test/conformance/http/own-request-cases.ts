/**
 * Request cases of our own, of the classes of h1-cases.json (reliability.md 1.3): the neighbours of every given case, and what
 * fuzzing found. Bytes are Latin-1. A finding becomes a row here.
 */

export type OwnRequestCase = {
  id: string;
  bytes: string;
  /** As in h1-cases.json: statuses that are right, and `close`. */
  expect: string;
  /** How many answers the input is good for; one unless told. */
  answers?: number;
  /** What no request that reaches the service may contain. */
  never?: RegExp;
  /** What the last request that reaches the service contains. */
  must?: RegExp;
};

const HOST = 'Host: a.test\r\n';
const GET = `GET /t HTTP/1.1\r\n${HOST}`;
const POST = `POST /t HTTP/1.1\r\n${HOST}`;
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const END = '\r\n';
const EVIL = `GET /evil HTTP/1.1\r\n${HOST}\r\n`;
const SECOND = `GET /t2 HTTP/1.1\r\n${HOST}\r\n`;
const REFUSED = '400, close';

export const OWN_REQUEST_CASES: readonly OwnRequestCase[] = [
  ...lengths(),
  ...codings(),
  ...chunks(),
  ...trailers(),
  ...fields(),
  ...targets(),
  ...sizes(),
  ...connections(),
];

function lengths(): OwnRequestCase[] {
  const bad = {
    'plus sign': '+5',
    'minus sign': '-5',
    hexadecimal: '0x5',
    fraction: '5.0',
    exponent: '5e0',
    'two to the 64th': '18446744073709551621',
    'twenty-one digits': '000000000000000000005',
    'one above what is exact': '9007199254740993',
    'list of different ones': '5, 6',
    'list with an empty element': '5,',
    semicolon: '5;',
    quotes: '"5"',
    'a tab inside': '1\t0',
    'a digit of Latin-1': '\xb2',
    'a vertical tab': '\x0b5',
    'a NUL behind': '5\x00',
  };
  const rows = Object.entries(bad).map(([name, value]) => ({
    id: `length: ${name}`,
    bytes: `${POST}Content-Length: ${value}\r\n${END}hello`,
    expect: REFUSED,
  }));
  return [
    ...rows,
    {
      id: 'length and chunks, length first',
      bytes: `${POST}Content-Length: 6\r\n${CHUNKED}${END}0\r\n\r\n${EVIL}`,
      expect: REFUSED,
    },
    {
      id: 'length and chunks, chunks first',
      bytes: `${POST}${CHUNKED}Content-Length: 4\r\n${END}24\r\n${EVIL}\r\n0\r\n\r\n`,
      expect: REFUSED,
    },
    {
      id: 'length on a GET is a body, not a request',
      bytes: `${GET}Content-Length: ${EVIL.length}\r\n${END}${EVIL}${SECOND}`,
      expect: '200',
      answers: 2,
    },
    {
      id: 'length with blanks around is the same length',
      bytes: `${POST}Content-Length: \t 5 \t\r\n${END}hello`,
      expect: '200',
      must: /content-length: 5\r\n/,
    },
    {
      id: 'length in another case is the same field',
      bytes: `${POST}cOnTeNt-LeNgTh: 5\r\n${END}hello${SECOND}`,
      expect: '200',
      answers: 2,
    },
    { id: 'length of 0 has no body', bytes: `${POST}Content-Length: 0\r\n${END}${SECOND}`, expect: '200', answers: 2 },
    {
      id: 'a look-alike of a length whose name goes on',
      bytes: `${POST}Content-Length2: 36\r\n${END}${SECOND}`,
      expect: '200',
      answers: 2,
      must: /GET \/t2/,
    },
  ];
}

function codings(): OwnRequestCase[] {
  const bad = {
    'chunked twice in a list': 'chunked, chunked',
    'quoted chunked': '"chunked"',
    'chunked and a semicolon': 'chunked;',
    'chunked and a NUL': 'chunked\x00',
    'chunked and a letter': 'chunkedx',
    'chunked and a no-break space': 'chunked\xa0',
    'a no-break space before': '\xa0chunked',
    'two words': 'chunked identity',
    'identity alone': 'identity',
    'an empty element before': ' , chunked',
    'chunked and a form feed': 'chunked\x0c',
    'a list that ends otherwise': 'chunked, gzip',
  };
  return [
    ...Object.entries(bad).map(([name, value]) => ({
      id: `coding: ${name}`,
      bytes: `${POST}Transfer-Encoding: ${value}\r\n${END}0\r\n\r\n${EVIL}`,
      expect: '400 or 501, close',
    })),
    {
      id: 'coding over two lines',
      bytes: `${POST}Transfer-Encoding: gzip\r\n${CHUNKED}${END}0\r\n\r\n${EVIL}`,
      expect: '400 or 501, close',
    },
    { id: 'coding folded', bytes: `${POST}Transfer-Encoding:\r\n chunked\r\n${END}0\r\n\r\n${EVIL}`, expect: REFUSED },
    {
      id: 'coding in capitals, alone',
      bytes: `${POST}TRANSFER-ENCODING: CHUNKED\r\n${END}5\r\nhello\r\n0\r\n\r\n${SECOND}`,
      expect: '200',
      answers: 2,
      must: /GET \/t2/,
    },
    {
      id: 'coding on HTTP/1.0',
      bytes: `POST /t HTTP/1.0\r\n${HOST}${CHUNKED}${END}0\r\n\r\n${EVIL}`,
      expect: REFUSED,
    },
    {
      id: 'body of HTTP/1.0 that ends with the connection',
      bytes: `POST /t HTTP/1.0\r\n${HOST}${END}${EVIL}`,
      expect: '400 or 426, close',
    },
  ];
}

function chunks(): OwnRequestCase[] {
  const bad = {
    'a blank before the size': ' 5\r\nhello\r\n0\r\n\r\n',
    'a blank behind the size': '5 \r\nhello\r\n0\r\n\r\n',
    'a tab behind the size': '5\t\r\nhello\r\n0\r\n\r\n',
    'a minus sign': '-5\r\nhello\r\n0\r\n\r\n',
    'a hexadecimal prefix': '0x5\r\nhello\r\n0\r\n\r\n',
    'an h': '5h\r\nhello\r\n0\r\n\r\n',
    'a bare CR behind the size': '5\rhello\r\n0\r\n\r\n',
    'two CR behind the size': '5\r\r\nhello\r\n0\r\n\r\n',
    'data longer than its size': '4\r\nhello\r\n0\r\n\r\n',
    'nothing behind the data': '5\r\nhello0\r\n\r\n',
    'an extension without a value': '5;a=\r\nhello\r\n0\r\n\r\n',
    'a bare CR in an extension': '5;a\rb\r\nhello\r\n0\r\n\r\n',
    'a bare CR in a quoted extension': '5;a="\r"\r\nhello\r\n0\r\n\r\n',
    'an extension of the last chunk with LF': '5\r\nhello\r\n0;a\n\r\n',
    'a quoted pair of a control byte': '5;a="\\\x01"\r\nhello\r\n0\r\n\r\n',
    'bytes behind a closed quote': '5;a="b"c\r\nhello\r\n0\r\n\r\n',
    'a negative size of 32 bits': 'ffffffffffffffff0\r\nhello\r\n0\r\n\r\n',
    'a bare CR at the end': '5\r\nhello\r\n0\r\n\rX',
  };
  return [
    ...Object.entries(bad).map(([name, body]) => ({
      id: `chunk: ${name}`,
      bytes: `${POST}${CHUNKED}${END}${body}${EVIL}`,
      expect: REFUSED,
    })),
    {
      id: 'chunk: size above what is exact',
      bytes: `${POST}${CHUNKED}${END}fffffffffffffff0\r\nhello`,
      expect: '400 or 413, close',
    },
    {
      id: 'chunk: leading zeros are dropped',
      bytes: `${POST}${CHUNKED}${END}00005\r\nhello\r\n0\r\n\r\n${SECOND}`,
      expect: '200',
      answers: 2,
      never: /00005/,
    },
    {
      id: 'chunk: capital digits become small',
      bytes: `${POST}${CHUNKED}${END}A\r\n0123456789\r\n0\r\n\r\n`,
      expect: '200',
      must: /\r\na\r\n0123456789\r\n0\r\n\r\n$/,
    },
    {
      id: 'chunk: one byte each',
      bytes: `${POST}${CHUNKED}${END}${[...'hello'].map((letter) => `1\r\n${letter}\r\n`).join('')}0\r\n\r\n${SECOND}`,
      expect: '200',
      answers: 2,
    },
    {
      id: 'chunk: a body of no bytes',
      bytes: `${POST}${CHUNKED}${END}0\r\n\r\n${SECOND}`,
      expect: '200',
      answers: 2,
    },
    {
      id: 'chunk: an extension with a quoted pair',
      bytes: `${POST}${CHUNKED}${END}5;a="\\"b"\r\nhello\r\n0\r\n\r\n`,
      expect: '200',
      never: /;a=/,
    },
    {
      id: 'chunk: a HEAD with a body that looks like a request',
      bytes: `HEAD /t HTTP/1.1\r\n${HOST}${CHUNKED}${END}${EVIL.length.toString(16)}\r\n${EVIL}\r\n0\r\n\r\n`,
      expect: '200',
    },
  ];
}

function trailers(): OwnRequestCase[] {
  const of = (lines: string) => `${POST}${CHUNKED}${END}5\r\nhello\r\n0\r\n${lines}\r\n`;
  return [
    { id: 'trailer: a blank before the colon', bytes: of('x-t : 1\r\n'), expect: REFUSED },
    { id: 'trailer: folded', bytes: of('x-t: 1\r\n 2\r\n'), expect: REFUSED },
    { id: 'trailer: bare LF', bytes: of('x-t: 1\nx-u: 2\r\n'), expect: REFUSED },
    { id: 'trailer: NUL in a value', bytes: of('x-t: \x00\r\n'), expect: REFUSED },
    { id: 'trailer: an empty name', bytes: of(': 1\r\n'), expect: REFUSED },
    { id: 'trailer: one that was announced', bytes: of('x-sum: 1\r\n'), expect: '200', never: /x-sum/ },
    { id: 'trailer: Connection', bytes: of('connection: x-request-id\r\n'), expect: '200', never: /connection/ },
  ];
}

function fields(): OwnRequestCase[] {
  const bad = {
    'a NUL in a value': 'X-A: a\x00b\r\n',
    'a DEL in a value': 'X-A: a\x7fb\r\n',
    'a bell in a value': 'X-A: \x07\r\n',
    'a bare CR behind a value': 'X-A: a\r\r\n',
    'a bare LF at the end of the head': 'X-A: a\r\n\n',
    'a blank line of blanks': ' \r\n',
    'a folded line without a line before': ' X-A: a\r\n',
    'a tab as fold': 'X-A: a\r\n\tb\r\n',
    'a NUL in a name': 'X\x00A: a\r\n',
    'a blank in a name': 'X A: a\r\n',
    'a slash in a name': 'X/A: a\r\n',
    'a name in quotes': '"X-A": a\r\n',
    'a byte above ASCII in a name': 'X-\xe4: a\r\n',
    'a name without a value or colon': 'X-A\r\n',
  };
  return [
    ...Object.entries(bad).map(([name, line]) => ({
      id: `field: ${name}`,
      bytes: `${GET}${line}${END}${EVIL}`,
      expect: REFUSED,
    })),
    { id: 'field: __proto__', bytes: `${GET}__proto__: x\r\n${END}`, expect: '200' },
    { id: 'field: an empty value', bytes: `${GET}X-A:\r\n${END}`, expect: '200', must: /x-a:\r\n/ },
    {
      id: 'field: bytes above ASCII',
      bytes: `${GET}X-A: \xe4\xff\r\n${END}`,
      expect: '200',
      must: /x-a: \xe4\xff\r\n/,
    },
    { id: 'field: many colons', bytes: `${GET}X-A: b:c: d\r\n${END}`, expect: '200', must: /x-a: b:c: d\r\n/ },
    {
      id: 'field: an underscore that looks like nothing of ours passes',
      bytes: `${GET}My_Field: x\r\n${END}`,
      expect: '200',
      must: /my_field: x\r\n/,
    },
    {
      id: 'field: look-alikes of framing and forwarding names are dropped',
      bytes: `${GET}Content_Length: 5\r\nX_Forwarded_For: 6.6.6.6\r\nHo_st: x\r\nX-Forwarded_Proto: https\r\nX_Request_Id: x\r\n${END}`,
      expect: '200',
      never: /content_length|x_forwarded|forwarded_|x_request/,
      must: /ho_st: x/,
    },
    {
      id: 'field: Connection names many, in any case and with blanks',
      bytes: `${GET}Connection: X-One ,\tx-two,,keep-alive\r\nx-one: 1\r\nX-Two: 2\r\nx-three: 3\r\n${END}`,
      expect: '200',
      never: /x-one|x-two/,
      must: /x-three: 3/,
    },
    {
      id: 'field: two Connection lines count as one',
      bytes: `${GET}Connection: x-one\r\nConnection: x-two\r\nx-one: 1\r\nX-Two: 2\r\n${END}`,
      expect: '200',
      never: /x-one|x-two/,
    },
    {
      id: 'field: Connection trims blanks and tabs only',
      bytes: `${GET}Connection: close\xa0\r\n${END}${SECOND}`,
      expect: '200',
      answers: 2,
    },
    { id: 'field: Connection names Host', bytes: `${GET}Connection: host\r\n${END}`, expect: REFUSED },
    {
      id: 'field: Connection cannot take the request id or the caller away',
      bytes: `${GET}Connection: x-request-id, x-forwarded-proto, x-forwarded-for\r\nX-Request-Id: mine\r\n${END}`,
      expect: '200',
      must: /x-forwarded-for: [\s\S]*x-forwarded-proto: http\r\n[\s\S]*x-request-id: /,
    },
    {
      id: 'field: a stranger says who he is',
      bytes: `${GET}X-Forwarded-Host: admin.test\r\nX-Forwarded-Proto: https\r\nForwarded: for=10.9.8.7\r\nX-Real-IP: 10.9.8.7\r\n${END}`,
      expect: '200',
      never: /admin\.test|10\.9\.8\.7|x-forwarded-proto: https/,
    },
  ];
}

function targets(): OwnRequestCase[] {
  const of = (target: string, host = HOST) => `GET ${target} HTTP/1.1\r\n${host}\r\n`;
  return [
    { id: 'line: HTTP/0.9', bytes: 'GET /t\r\n\r\n', expect: REFUSED },
    { id: 'line: two blanks', bytes: `GET  /t HTTP/1.1\r\n${HOST}\r\n`, expect: REFUSED },
    { id: 'line: a tab', bytes: `GET\t/t HTTP/1.1\r\n${HOST}\r\n`, expect: REFUSED },
    { id: 'line: a blank behind the version', bytes: `GET /t HTTP/1.1 \r\n${HOST}\r\n`, expect: REFUSED },
    { id: 'line: a small protocol name', bytes: `GET /t http/1.1\r\n${HOST}\r\n`, expect: REFUSED },
    { id: 'line: another protocol', bytes: `GET /t RTSP/1.1\r\n${HOST}\r\n`, expect: REFUSED },
    { id: 'line: version 1', bytes: `GET /t HTTP/1\r\n${HOST}\r\n`, expect: REFUSED },
    { id: 'line: version 11.1', bytes: `GET /t HTTP/11.1\r\n${HOST}\r\n`, expect: REFUSED },
    { id: 'line: version 3.0', bytes: `GET /t HTTP/3.0\r\n${HOST}\r\n`, expect: '505, close' },
    { id: 'line: version 1.0 with Host', bytes: `GET /t HTTP/1.0\r\n${HOST}\r\n${EVIL}`, expect: '426, close' },
    { id: 'line: a bare LF behind it', bytes: `GET /t HTTP/1.1\n${HOST}\r\n`, expect: REFUSED },
    { id: 'line: a bare CR behind it', bytes: `GET /t HTTP/1.1\r${HOST}\r\n`, expect: REFUSED },
    { id: 'line: no target', bytes: `GET HTTP/1.1\r\n${HOST}\r\n`, expect: REFUSED },
    { id: 'line: a colon in the method', bytes: `GE:T /t HTTP/1.1\r\n${HOST}\r\n`, expect: '400 or 501, close' },
    { id: 'line: an empty line before it', bytes: `\r\n${GET}${END}`, expect: '200' },
    { id: 'line: a bare LF before it', bytes: `\n${GET}${END}`, expect: REFUSED },
    { id: 'line: a bare CR before it', bytes: `\r${GET}${END}`, expect: REFUSED },
    { id: 'line: TRACE', bytes: `TRACE /t HTTP/1.1\r\n${HOST}\r\n`, expect: '200', must: /^TRACE \/t / },
    { id: 'line: a method of somebody', bytes: `PURGE /t HTTP/1.1\r\n${HOST}\r\n`, expect: '200', must: /^PURGE \/t / },
    { id: 'target: * with GET', bytes: of('*'), expect: REFUSED },
    { id: 'target: * with OPTIONS', bytes: `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, expect: '200 or 404' },
    { id: 'target: without a slash', bytes: of('t'), expect: REFUSED },
    { id: 'target: absolute with user', bytes: of('http://u:p@a.test/t'), expect: REFUSED },
    { id: 'target: absolute without a host', bytes: of('http:///t'), expect: REFUSED },
    { id: 'target: absolute of another scheme', bytes: of('ftp://a.test/t'), expect: REFUSED },
    { id: 'target: absolute without a path', bytes: of('http://a.test?q'), expect: '200', must: /^GET \/\?q HTTP/ },
    { id: 'target: a bare DEL', bytes: of('/t\x7f'), expect: REFUSED },
    { id: 'target: a tab', bytes: of('/t\tx'), expect: REFUSED },
    {
      id: 'target: encoded dots climb no higher than the root',
      bytes: of('/%2e%2E/%2e./t'),
      expect: '200',
      must: /^GET \/t HTTP/,
    },
    { id: 'target: an encoded slash stays encoded', bytes: of('/a%2Fb'), expect: '200', must: /^GET \/a%2Fb HTTP/ },
    {
      id: 'target: a query may hold anything of its own',
      bytes: of('/t?/../%2e'),
      expect: '200',
      must: /^GET \/t\?\/\.\.\/%2e HTTP/,
    },
    { id: 'host: empty', bytes: 'GET /t HTTP/1.1\r\nHost:\r\n\r\n', expect: REFUSED },
    { id: 'host: user', bytes: 'GET /t HTTP/1.1\r\nHost: u@a.test\r\n\r\n', expect: REFUSED },
    { id: 'host: a blank inside', bytes: 'GET /t HTTP/1.1\r\nHost: a test\r\n\r\n', expect: REFUSED },
    { id: 'host: a query', bytes: 'GET /t HTTP/1.1\r\nHost: a.test?x\r\n\r\n', expect: REFUSED },
    { id: 'host: a fragment', bytes: 'GET /t HTTP/1.1\r\nHost: a.test#x\r\n\r\n', expect: REFUSED },
    { id: 'host: a port of letters', bytes: 'GET /t HTTP/1.1\r\nHost: a.test:http\r\n\r\n', expect: REFUSED },
    { id: 'host: two ports', bytes: 'GET /t HTTP/1.1\r\nHost: a.test:80:80\r\n\r\n', expect: REFUSED },
    { id: 'host: an open bracket', bytes: 'GET /t HTTP/1.1\r\nHost: [::1\r\n\r\n', expect: REFUSED },
    { id: 'host: two that are equal', bytes: `GET /t HTTP/1.1\r\n${HOST}${HOST}\r\n`, expect: REFUSED },
    { id: 'host: a list of one', bytes: 'GET /t HTTP/1.1\r\nHost: a.test,\r\n\r\n', expect: REFUSED },
    { id: 'host: an address of version 6', bytes: 'GET /t HTTP/1.1\r\nHost: [::1]:80\r\n\r\n', expect: '200' },
    {
      id: 'host: in capitals',
      bytes: 'GET /t HTTP/1.1\r\nHOST: A.TEST\r\n\r\n',
      expect: '200',
      must: /host: A\.TEST\r\n/,
    },
  ];
}

function sizes(): OwnRequestCase[] {
  const line = (bytes: number) => `GET /${'a'.repeat(bytes)} HTTP/1.1\r\n${HOST}\r\n`;
  const headOf = (bytes: number) => {
    const [before, after] = [`${GET}x-a: `, '\r\n\r\n'];
    return before + 'a'.repeat(bytes - before.length - after.length) + after;
  };
  const withFields = (count: number) => `${GET}${'x-a: b\r\n'.repeat(count - 1)}${END}`;
  return [
    { id: 'size: a target of 20 KiB', bytes: line(20 * 1_024), expect: '200' },
    { id: 'size: a target of 70 KiB', bytes: line(70 * 1_024), expect: '414, close' },
    { id: 'size: a method that never ends', bytes: 'A'.repeat(100), expect: '400 or 501, close' },
    { id: 'size: a head of exactly 60 KiB', bytes: headOf(60 * 1_024), expect: '200' },
    { id: 'size: a head of one byte more', bytes: headOf(60 * 1_024 + 1), expect: '431, close' },
    { id: 'size: a field of 200 KiB', bytes: `${GET}x-a: ${'a'.repeat(200 * 1_024)}\r\n${END}`, expect: '431, close' },
    { id: 'size: a name of 70 KiB', bytes: `${GET}${'a'.repeat(70 * 1_024)}: b\r\n${END}`, expect: '431, close' },
    { id: 'size: exactly 100 fields', bytes: withFields(100), expect: '200' },
    { id: 'size: 101 fields', bytes: withFields(101), expect: '431, close' },
    { id: 'size: 16 KiB of extensions and one byte', bytes: extensionsOf(16_385), expect: '400 or 413, close' },
    { id: 'size: a body of 300 KiB', bytes: bodyOf(300 * 1_024), expect: '200', answers: 2 },
  ];
}

function extensionsOf(bytes: number): string {
  return `${POST}${CHUNKED}${END}5;${'a'.repeat(bytes)}\r\nhello\r\n0\r\n\r\n`;
}

function bodyOf(bytes: number): string {
  return `${POST}Content-Length: ${bytes}\r\n${END}${'b'.repeat(bytes)}${SECOND}`;
}

function connections(): OwnRequestCase[] {
  return [
    {
      id: 'connection: close in capitals ends it',
      bytes: `${GET}Connection: CLOSE\r\n${END}${EVIL}`,
      expect: '200, close',
    },
    {
      id: 'connection: close behind other options ends it',
      bytes: `${GET}Connection: keep-alive, close\r\n${END}${EVIL}`,
      expect: '200, close',
    },
    {
      id: 'connection: a garbled request behind a good one does not take its answer',
      bytes: `${GET}${END}GET /evil\r\n\r\n`,
      expect: '200, then 400 + close',
      answers: 2,
    },
    { id: 'connection: three requests at once', bytes: `${GET}${END}${SECOND}${SECOND}`, expect: '200', answers: 3 },
    {
      id: 'upgrade: h2c with a request behind',
      bytes: `${GET}Connection: Upgrade\r\nUpgrade: h2c\r\n${END}${SECOND}`,
      expect: '200',
      answers: 2,
      never: /upgrade/,
    },
    {
      id: 'upgrade: WebSocket on a POST is none',
      bytes: `${POST}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n${END}hello`,
      expect: '200',
      never: /upgrade/,
    },
    {
      id: 'upgrade: WebSocket that Connection does not name is none',
      bytes: `${GET}Upgrade: websocket\r\n${END}${SECOND}`,
      expect: '200',
      answers: 2,
      never: /upgrade/,
    },
    { id: 'expect: something else', bytes: `${GET}Expect: 200-ok\r\n${END}`, expect: '417, close' },
    {
      id: 'expect: a hundred with a body',
      bytes: `${POST}Expect: 100-Continue\r\nContent-Length: 5\r\n${END}hello`,
      expect: '200',
      must: /expect: 100-continue\r\n/,
    },
    {
      id: 'expect: a hundred with a length of 0',
      bytes: `${POST}Expect: 100-continue\r\nContent-Length: 0\r\n${END}`,
      expect: '200',
      never: /expect/,
    },
    {
      id: 'max-forwards: more than 0 goes on',
      bytes: `OPTIONS /t HTTP/1.1\r\n${HOST}Max-Forwards: 3\r\n\r\n`,
      expect: '200',
      must: /^OPTIONS \/t /,
    },
    {
      id: 'max-forwards: 0 with a body, which is no request',
      bytes: `OPTIONS /t HTTP/1.1\r\n${HOST}Max-Forwards: 0\r\nContent-Length: 37\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n`,
      expect: '200, close',
      never: /smuggled/,
    },
    { id: 'a connection that says nothing we know', bytes: 'EHLO a.test\r\n', expect: '400 or 501, close' },
    { id: 'an SSH client', bytes: 'SSH-2.0-OpenSSH_9.6\r\n', expect: '400 or 501, close' },
    { id: 'a PROXY header', bytes: `PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${GET}${END}`, expect: REFUSED },
  ];
}
