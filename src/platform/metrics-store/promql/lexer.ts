/** PromQL text to tokens (Prometheus documentation, "Querying basics"). Every token knows where it stands. */

import { parsePromDuration } from './prom-duration.ts';
import { parseErrorAt } from './promql-error.ts';
import { readString } from './string-literal.ts';

export type Token = {
  kind: 'identifier' | 'number' | 'duration' | 'string' | 'operator' | 'end';
  /** As written; of strings and operators the meaning: the unescaped text, `=~`. */
  text: string;
  /** Value of a number, milliseconds of a duration. */
  value: number;
  offset: number;
};

const OPERATORS = ['==', '!=', '>=', '<=', '=~', '!~', '+', '-', '*', '/', '%', '^', '>', '<', '='];
const PUNCTUATION = [...OPERATORS, '(', ')', '{', '}', '[', ']', ',', ':', '@'];

const SPACE = /(?:\s|#[^\n]*)+/y;
const DURATION = /(?:\d+(?:ms|[smhdwy]))+(?![\w.])/y;
const NUMBER = /(?:0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])/y;
const IDENTIFIER = /[A-Za-z_][\w:]*|:[A-Za-z_:][\w:]*/y;

/** @throws PromqlError with the place of what cannot be read */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  let bracketed = false;
  for (;;) {
    offset += matchAt(SPACE, text, offset)?.length ?? 0;
    if (offset >= text.length) break;
    const { token, length } = readToken(text, offset, bracketed);
    tokens.push(token);
    if (token.kind === 'operator' && (token.text === '[' || token.text === ']')) bracketed = token.text === '[';
    offset += length;
  }
  tokens.push({ kind: 'end', text: 'end of input', value: 0, offset: text.length });
  return tokens;
}

function readToken(text: string, offset: number, bracketed: boolean): { token: Token; length: number } {
  const duration = matchAt(DURATION, text, offset);
  if (duration !== undefined) {
    const value = parsePromDuration(duration);
    if (value === undefined) throw parseErrorAt(text, offset, `bad duration syntax: ${duration}`);
    return plain('duration', duration, value, offset);
  }
  const number = matchAt(NUMBER, text, offset);
  if (number !== undefined) return plain('number', number, Number(number), offset);
  // Inside brackets a colon separates range and step of a subquery; elsewhere it may begin the name of a recording rule.
  if (!(bracketed && text[offset] === ':')) {
    const identifier = matchAt(IDENTIFIER, text, offset);
    if (identifier !== undefined) return plain('identifier', identifier, 0, offset);
  }
  const quote = text[offset];
  if (quote === '"' || quote === "'" || quote === '`') {
    const { value, length } = readString(text, offset);
    return { token: { kind: 'string', text: value, value: 0, offset }, length };
  }
  const operator = PUNCTUATION.find((candidate) => text.startsWith(candidate, offset));
  if (operator !== undefined) return plain('operator', operator, 0, offset);
  throw parseErrorAt(text, offset, `unexpected character: ${JSON.stringify(text[offset])}`);
}

function plain(kind: Token['kind'], text: string, value: number, offset: number) {
  return { token: { kind, text, value, offset }, length: text.length };
}

function matchAt(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}
