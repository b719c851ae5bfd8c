/** String literals of PromQL: quoted ones follow Go's escapes, backquoted ones have none. */

import { parseErrorAt } from './promql-error.ts';

const SIMPLE: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]))/y;

/** @returns the meaning, and how long the literal is in the text, quotes included */
export function readString(text: string, offset: number): { value: string; length: number } {
  const quote = text[offset] ?? '';
  let value = '';
  let at = offset + 1;
  for (;;) {
    const char = text[at];
    if (char === undefined || (char === '\n' && quote !== '`'))
      throw parseErrorAt(text, offset, 'unterminated quoted string');
    if (char === quote) return { value, length: at + 1 - offset };
    if (char === '\\' && quote !== '`') {
      const read = readEscape(text, at, quote);
      value += read.value;
      at += read.length;
    } else {
      value += char;
      at++;
    }
  }
}

function readEscape(text: string, at: number, quote: string): { value: string; length: number } {
  ESCAPE.lastIndex = at;
  const match = ESCAPE.exec(text);
  if (match === null) throw parseErrorAt(text, at, 'unterminated quoted string');
  const [all, hex, short, long, octal, letter] = match;
  const code = hex ?? short ?? long;
  if (code !== undefined || octal !== undefined) {
    const point = code === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(code, 16);
    if (point > 0x10ffff) throw parseErrorAt(text, at, `escape sequence is no character: ${all}`);
    return { value: String.fromCodePoint(point), length: all.length };
  }
  if (letter === quote) return { value: quote, length: 2 };
  const simple = letter !== undefined && Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined;
  if (simple === undefined) throw parseErrorAt(text, at, `unknown escape sequence: ${all}`);
  return { value: simple, length: 2 };
}

/** Writes a string so that it reads back as itself. */
export function quoteString(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
