/**
 * A slow and obvious reading of RFC 9112, by regular expressions, for laws to compare the proxy's parsers with. It shares
 * nothing with them.
 */

const HEAD =
  /^(?:\r\n)?([!#$%&'*+.^_`|~0-9a-zA-Z-]+) ([!-~]+) HTTP\/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9a-zA-Z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*)\r\n/;

export type ReferenceHead = { method: string; target: string; fields: [string, string][]; length: number };

/** @returns the head at the beginning of `text` (Latin-1), if the grammar has one there; what its fields say is not judged */
export function readHead(text: string): ReferenceHead | undefined {
  const [whole, method = '', target = '', block = ''] = HEAD.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const fields = block
    .split('\r\n')
    .slice(0, -1)
    .map((line): [string, string] => {
      const colonAt = line.indexOf(':');
      return [line.slice(0, colonAt).toLowerCase(), line.slice(colonAt + 1).replace(/^[\t ]+|[\t ]+$/g, '')];
    });
  return { method, target, fields, length: whole.length };
}

const TOKEN = "[!#$%&'*+.^_`|~0-9a-zA-Z-]+";
const SIZE_LINE = new RegExp(
  `^([0-9a-fA-F]{1,16})(?:;${TOKEN}(?:=(?:${TOKEN}|"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"))?)*\\r\\n`,
);
const TRAILERS = new RegExp(`^(?:${TOKEN}:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n)*\\r\\n`);

/** @returns data and length of the chunked body at the beginning of `text`; `undefined` when it is not whole, or not one */
export function readChunks(text: string): { data: string; length: number } | undefined {
  let data = '';
  for (let at = 0; ; ) {
    const [line, size = ''] = SIZE_LINE.exec(text.slice(at)) ?? [];
    if (line === undefined) return undefined;
    const start = at + line.length;
    const end = start + Number.parseInt(size, 16);
    if (end === start) {
      const [trailers] = TRAILERS.exec(text.slice(start)) ?? [];
      return trailers === undefined ? undefined : { data, length: start + trailers.length };
    }
    if (text.slice(end, end + 2) !== '\r\n') return undefined;
    data += text.slice(start, end);
    at = end + 2;
  }
}
