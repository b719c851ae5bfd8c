/** From the text of a file to the objects in it: YAML with several documents, JSON, and lists of objects. Pure. */

import { type Document, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { messageOf } from '../../lib/errors.ts';
import type { KubeObject } from '../../lib/resource.ts';
import { offsetOf } from './field-position.ts';
import type { ManifestDocument, ManifestProblem, Position } from './manifest.ts';

export type ParsedManifests = { documents: readonly ManifestDocument[]; problems: readonly ManifestProblem[] };

/** Every readable document, and what is wrong with each of the others. JSON is read as YAML, which contains it. */
export function parseManifests(file: string, text: string): ParsedManifests {
  const lineCounter = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter, merge: true, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const results = ('empty' in parsed ? [] : parsed).map((document) => parseDocument(file, document, at));
  return {
    documents: results.flatMap(({ documents }) => documents),
    problems: results.flatMap(({ problems }) => problems),
  };
}

type Locate = (offset: number) => Position;

function parseDocument(file: string, document: Document.Parsed, at: Locate): ParsedManifests {
  if (document.errors.length > 0) {
    return {
      documents: [],
      problems: document.errors.map(({ message, pos }) => ({ file, ...at(pos[0]), path: '', message })),
    };
  }
  const root = document.contents as Node | null;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    return { documents: [], problems: [{ file, ...at(root?.range?.[0] ?? 0), path: '', message: messageOf(thrown) }] };
  }
  if (value === null || value === undefined) return { documents: [], problems: [] };
  return collect(value, { file, prefix: '', positionOf: (path) => at(offsetOf(root, path)) });
}

type Place = { file: string; prefix: string; positionOf: (path: string) => Position };

function collect(value: unknown, place: Place): ParsedManifests {
  const { file, prefix, positionOf } = place;
  const items = listItems(value);
  if (items !== undefined) {
    const results = items.map((item, index) => collect(item, { ...place, prefix: `${prefix}items[${index}].` }));
    return {
      documents: results.flatMap(({ documents }) => documents),
      problems: results.flatMap(({ problems }) => problems),
    };
  }
  const missing = missingFields(value);
  if (missing.length === 0) {
    return {
      documents: [{ file, object: value as KubeObject, positionOf: (path) => positionOf(prefix + path) }],
      problems: [],
    };
  }
  const problems = missing.map(({ path, message }) => ({ file, ...positionOf(prefix + path), path, message }));
  return { documents: [], problems };
}

function listItems(value: unknown): unknown[] | undefined {
  const { kind, items } = (value ?? {}) as { kind?: unknown; items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : undefined;
}

function missingFields(value: unknown): { path: string; message: string }[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ path: '', message: `must be an object with apiVersion, kind and metadata: got ${found(value)}` }];
  }
  const { apiVersion, kind, metadata } = value as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown };
  };
  const required: [string, unknown][] = [
    ['apiVersion', apiVersion],
    ['kind', kind],
    ['metadata.name', metadata?.name],
  ];
  const flawed = required.filter(([, held]) => typeof held !== 'string' || held === '');
  const optional: [string, unknown][] =
    metadata?.namespace === undefined ? [] : [['metadata.namespace', metadata.namespace]];
  const wrong = optional.filter(([, held]) => typeof held !== 'string');
  return [...flawed, ...wrong].map(([path, held]) => ({
    path,
    message: `must be a non-empty text: got ${found(held)}`,
  }));
}

function found(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100);
}
