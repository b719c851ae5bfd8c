/** Tokens with a cursor, and the errors that name what stood there instead. */

import { type Token, tokenize } from './lexer.ts';
import { type PromqlError, parseErrorAt } from './promql-error.ts';

export class TokenStream {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  /** The token `ahead` of the cursor; the last one is the end of the input, for ever. */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw this.fail(0, 'no expression found in input');
    return token;
  }

  take(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  isOperator(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'operator' && token.text === text;
  }

  /** Keywords are not reserved and their case does not matter. */
  isKeyword(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'identifier' && token.text.toLowerCase() === word;
  }

  takeOperator(text: string): boolean {
    const found = this.isOperator(text);
    if (found) this.#next++;
    return found;
  }

  takeKeyword(word: string): boolean {
    const found = this.isKeyword(word);
    if (found) this.#next++;
    return found;
  }

  expectOperator(text: string, context: string): Token {
    if (!this.isOperator(text)) throw this.unexpected(context, JSON.stringify(text));
    return this.take();
  }

  expectKind(kind: Token['kind'], context: string): Token {
    if (this.peek().kind !== kind) throw this.unexpected(context, kind);
    return this.take();
  }

  unexpected(context: string, expected: string): PromqlError {
    const { kind, text, offset } = this.peek();
    const found = kind === 'end' ? text : `${kind} ${JSON.stringify(text)}`;
    return this.fail(offset, `unexpected ${found} in ${context}, expected ${expected}`);
  }

  fail(offset: number, message: string): PromqlError {
    return parseErrorAt(this.#text, offset, message);
  }
}
