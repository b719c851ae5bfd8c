/** Header operations of a route, made ready once per table: what is removed, and the lines that are added (envoy-facts: Header operations). */

import type { AnswerTold, RequestTold } from '../mesh/table/header-commands.ts';
import {
  fillFromAnswer,
  fillFromRequest,
  type HeaderTemplate,
  parseHeaderTemplate,
} from '../mesh/table/header-template.ts';
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
  /** What depends on the request or its answer (`resolveEdits`). */
  readonly dynamic: readonly DynamicLine[];
};

type DynamicLine = { name: string; template: HeaderTemplate; replaces: boolean };

const NOTHING: HeaderEdits = { removed: new Set(), lines: '', host: undefined, dynamic: [] };

/**
 * Compiles header operations: remove, then set, then add. Setting an empty value does nothing, as in Envoy.
 *
 * @param alsoRemoved fields that something else replaces
 * @throws when a name or value could not stand in a head; the table is refused then
 */
export function buildHeaderEdits(
  operations: HeaderOperations | undefined,
  alsoRemoved: readonly string[] = [],
): HeaderEdits | undefined {
  if (operations === undefined && alsoRemoved.length === 0) return undefined;
  const set = linesOf(operations?.set, true);
  const all = [...set, ...linesOf(operations?.add, false)];
  const removed = new Set([...alsoRemoved, ...(operations?.remove ?? []).map((name) => name.toLowerCase())]);
  let lines = '';
  let host: string | undefined;
  const dynamic: DynamicLine[] = [];
  for (const line of all) {
    if (!('literal' in line.template)) dynamic.push(line);
    else if (isHost(line.name)) host = wireValue(line.template.literal);
    else {
      if (line.replaces) removed.add(line.name);
      lines += lineOf(line.name, line.template.literal);
    }
  }
  return { removed, lines, host, dynamic };
}

function isHost(name: string): boolean {
  return name === 'host' || name === ':authority';
}

/** Edits that replace fields of an answer by lines of our own. */
export function replacingEdits(
  removed: readonly string[],
  headers: readonly (readonly [string, string])[],
): HeaderEdits {
  const lines = headers.map(([name, value]) => `${name}: ${wireValue(value)}\r\n`).join('');
  return { ...NOTHING, removed: new Set(removed), lines };
}

/** Both edits in one; what the one adds, the other may remove or replace. */
export function joinEdits(one: HeaderEdits | undefined, other: HeaderEdits | undefined): HeaderEdits | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    removed: one.removed.union(other.removed),
    lines: linesWithout(one.lines, other.removed) + other.lines,
    host: other.host ?? one.host,
    dynamic: [...one.dynamic, ...other.dynamic],
  };
}

function linesWithout(lines: string, names: ReadonlySet<string>): string {
  if (lines === '' || names.size === 0) return lines;
  return lines.replaceAll(/([^:]+): .*\r\n/g, (line, name: string) => (names.has(name) ? '' : line));
}

/** Fills in what depends on the request. @param told asked only if anything does */
export function rememberRequest(edits: HeaderEdits | undefined, told: () => RequestTold): HeaderEdits | undefined {
  if (edits === undefined || edits.dynamic.length === 0) return edits;
  const request = told();
  const dynamic = edits.dynamic.map((line) => ({ ...line, template: fillFromRequest(line.template, request) }));
  return { ...edits, dynamic };
}

/** Fills in the rest: what depends on the answer. */
export function resolveEdits(edits: HeaderEdits | undefined, told: () => AnswerTold): HeaderEdits | undefined {
  if (edits === undefined || edits.dynamic.length === 0) return edits;
  const answer = told();
  const removed = new Set(edits.removed);
  let { lines, host } = edits;
  for (const { name, template, replaces } of edits.dynamic) {
    const value = wireValue(fillFromAnswer(template, answer));
    if (value === '') continue;
    if (isHost(name)) host = value;
    else {
      if (replaces) removed.add(name);
      lines += `${name}: ${value}\r\n`;
    }
  }
  return { removed, lines, host, dynamic: [] };
}

/** A value as its bytes go out: one character for each, and none that could end a line, whatever a resource says. */
function wireValue(value: string): string {
  const bytes = /[^\0-\xff]/.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
  return bytes.replaceAll(/[\0-\x08\x0a-\x1f\x7f]/g, '');
}

function linesOf(operations: HeaderOperations['add'] = {}, replaces: boolean): DynamicLine[] {
  return Object.entries(operations).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => {
      const template = parseHeaderTemplate(value as string);
      if (template === undefined) throw new Error(`Value of header ${name} must hold known commands: got ${value}`);
      return value === '' ? [] : [{ name: name.toLowerCase(), template, replaces }];
    }),
  );
}

function lineOf(name: string, value: string): string {
  const bytes = Buffer.from(value, 'utf8');
  if (!isToken(name)) throw new Error(`Header name must be a token: got ${JSON.stringify(name)}`);
  if (!bytes.every((byte) => VALUE[byte] === 1)) {
    throw new Error(`Value of header ${name} must hold no control characters: got ${JSON.stringify(value)}`);
  }
  return `${name}: ${bytes.toString('latin1')}\r\n`;
}
