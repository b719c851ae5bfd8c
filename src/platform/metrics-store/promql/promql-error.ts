/** What can be wrong with a query. The HTTP API turns these into Prometheus' error answers; nothing else is ever thrown on purpose. */

/** `badData`: the query is wrong, with a place. `execution`: it is right and cannot be answered. */
export type PromqlErrorKind = 'badData' | 'execution';

export class PromqlError extends Error {
  readonly kind: PromqlErrorKind;

  constructor(kind: PromqlErrorKind, message: string) {
    super(message);
    this.name = 'PromqlError';
    this.kind = kind;
  }
}

/** A parse error at `offset` of `text`, written as Prometheus writes it: `1:5: parse error: …`. */
export function parseErrorAt(text: string, offset: number, message: string): PromqlError {
  const before = text.slice(0, offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return new PromqlError('badData', `${before.length}:${column}: parse error: ${message}`);
}

export function executionError(message: string): PromqlError {
  return new PromqlError('execution', message);
}
