/** Header operations of a route, made ready once per table: what is removed, and the lines that are added (envoy-facts: Header operations). */

import {
  fillTemplate,
  type HeaderTemplate,
  parseHeaderTemplate,
  type TemplateContext,
} from '../mesh/table/header-template.ts';
import type { HeaderOperations } from '../mesh/table/route-table.ts';
import { VALUE } from './h1/byte-classes.ts';
import type { RequestHead } from './h1/request-head.ts';
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
  const isHost = ({ name }: DynamicLine) => name === 'host' || name === ':authority';
  const host = all.findLast(isHost)?.template;
  const removed = new Set([...alsoRemoved, ...(operations?.remove ?? []).map((name) => name.toLowerCase())]);
  let lines = '';
  const dynamic: DynamicLine[] = [];
  for (const line of all.filter((each) => !isHost(each))) {
    if (!('literal' in line.template)) {
      dynamic.push(line);
      continue;
    }
    if (line.replaces) removed.add(line.name);
    lines += lineOf(line.name, line.template.literal);
  }
  return { removed, lines, host: host !== undefined && 'literal' in host ? host.literal : undefined, dynamic };
}

/** Edits that replace fields of an answer by lines of our own. */
export function replacingEdits(
  removed: readonly string[],
  headers: readonly (readonly [string, string])[],
): HeaderEdits {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return { ...NOTHING, removed: new Set(removed), lines };
}

/** Both edits in one. */
export function joinEdits(one: HeaderEdits | undefined, other: HeaderEdits | undefined): HeaderEdits | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    removed: one.removed.union(other.removed),
    lines: one.lines + other.lines,
    host: other.host ?? one.host,
    dynamic: [...one.dynamic, ...other.dynamic],
  };
}

/** Fills in everything that depends on the request or its answer. */
export function resolveEdits(edits: HeaderEdits | undefined, context: TemplateContext): HeaderEdits | undefined {
  if (edits === undefined || edits.dynamic.length === 0) return edits;
  const removed = new Set(edits.removed);
  let { lines } = edits;
  for (const { name, template, replaces } of edits.dynamic) {
    const value = fillTemplate(template, context);
    if (value === '') continue;
    if (replaces) removed.add(name);
    lines += `${name}: ${value}\r\n`;
  }
  return { ...edits, removed, lines, dynamic: [] };
}

/** Fills in what depends on the request, whose head is gone when its answer comes. */
export function rememberRequest(edits: HeaderEdits | undefined, head: RequestHead): HeaderEdits | undefined {
  if (edits === undefined || edits.dynamic.length === 0) return edits;
  const dynamic = edits.dynamic.map((line) => ({ ...line, template: withRequest(line.template, head) }));
  return { ...edits, dynamic };
}

function withRequest(template: HeaderTemplate, head: RequestHead): HeaderTemplate {
  if ('literal' in template) return template;
  const context = { requestHeader: requestFieldOf(head), responseHeader: () => undefined, value: () => undefined };
  return {
    parts: template.parts.map((part) =>
      typeof part !== 'string' && part.command === 'REQ' ? fillTemplate({ parts: [part] }, context) : part,
    ),
  };
}

/** Fields of a request by name, the pseudo fields included. */
export function requestFieldOf(head: RequestHead): (name: string) => string | undefined {
  const { path, method, authority, scheme } = head;
  return (name) => {
    switch (name) {
      case ':path':
        return path;
      case ':method':
        return method;
      case ':authority':
      case 'host':
        return authority;
      case ':scheme':
        return scheme;
      default:
        return head.header(name);
    }
  };
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
