/** Header operations of a route, made ready once per table: what is removed, and the lines that are added (envoy-facts: Header operations). */

import type { HeaderOperations } from '../mesh/table/route-table.ts';
import { VALUE } from './h1/byte-classes.ts';
import { isToken } from './h1/response-head.ts';

export type HeaderEdits = {
  /** Lower-case names of fields that are not sent on. */
  readonly removed: ReadonlySet<string>;
  /** Whole lines, each with its CR LF. */
  readonly lines: string;
  /** The Host to send instead of the client's. */
  readonly host: string | undefined;
};

/**
 * Compiles header operations: remove, then set, then add. Setting an empty value does nothing, as in Envoy.
 *
 * @throws when a name or value could not stand in a head; the table is refused then
 */
export function buildHeaderEdits(operations: HeaderOperations | undefined): HeaderEdits | undefined {
  if (operations === undefined) return undefined;
  const set = present(operations.set);
  const add = present(operations.add);
  const isHost = ([name]: [string, string]) => name === 'host' || name === ':authority';
  const host = [...add, ...set].find(isHost)?.[1];
  const lines = [...set, ...add].filter((entry) => !isHost(entry)).map(lineOf);
  const removed = new Set([
    ...(operations.remove ?? []).map((name) => name.toLowerCase()),
    ...set.map(([name]) => name),
  ]);
  return { removed, lines: lines.join(''), host };
}

function present(operations: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(operations ?? {})
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [name.toLowerCase(), value.replaceAll('%%', '%')]);
}

function lineOf([name, value]: [string, string]): string {
  const bytes = Buffer.from(value, 'utf8');
  if (!isToken(name)) throw new Error(`Header name must be a token: got ${JSON.stringify(name)}`);
  if (!bytes.every((byte) => VALUE[byte] === 1)) {
    throw new Error(`Value of header ${name} must hold no control characters: got ${JSON.stringify(value)}`);
  }
  return `${name}: ${bytes.toString('latin1')}\r\n`;
}
