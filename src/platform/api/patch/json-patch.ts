/** JSON patch: RFC 6902, with pointers of RFC 6901. All operations apply, or none. */

import { isDeepStrictEqual } from 'node:util';
import { type Fields, isFields } from '../builtin/field-access.ts';
import { PatchError } from './patch-error.ts';

type Operation = { op: string; path: string; from?: string; value?: unknown };
type Place = { parent: Fields | unknown[]; key: string };

const OPERATIONS_MAX = 10_000;

/**
 * @param operations the decoded body
 * @returns a new value
 * @throws PatchError 400 for a body that is no patch, 422 for an operation that does not fit
 */
export function applyJsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw new PatchError(400, 'A JSON patch must be a list of operations');
  if (operations.length > OPERATIONS_MAX) {
    throw new PatchError(
      400,
      `The allowed maximum operations in a JSON patch is ${OPERATIONS_MAX}, got ${operations.length}`,
    );
  }
  const document = { root: structuredClone(target) };
  for (const operation of operations) applyOperation(document, parsed(operation));
  return document.root;
}

function parsed(operation: unknown): Operation {
  if (!isFields(operation) || typeof operation.op !== 'string' || typeof operation.path !== 'string') {
    throw new PatchError(400, 'An operation of a JSON patch must have op and path');
  }
  return operation as Operation;
}

function applyOperation(document: { root: unknown }, operation: Operation): void {
  const { op, path, from } = operation;
  switch (op) {
    case 'add':
      add(document, path, structuredClone(operation.value));
      break;
    case 'remove':
      remove(document, path, op);
      break;
    case 'replace':
      read(document, path, op);
      write(document, path, structuredClone(operation.value));
      break;
    case 'move':
      add(document, path, remove(document, from ?? '', op));
      break;
    case 'copy':
      add(document, path, structuredClone(read(document, from ?? '', op)));
      break;
    case 'test': {
      const found = optional(() => read(document, path, op)) ?? null;
      if (!isDeepStrictEqual(found, operation.value ?? null)) {
        throw new PatchError(422, `testing value ${path} failed: test failed`);
      }
      break;
    }
    default:
      throw new PatchError(422, `Unexpected kind: ${op}`);
  }
}

function add(document: { root: unknown }, path: string, value: unknown): void {
  const place = placeOf(document, path, 'add');
  if (place === undefined) document.root = value;
  else if (Array.isArray(place.parent)) {
    const index = place.key === '-' ? place.parent.length : indexIn(place, 'add', place.parent.length);
    place.parent.splice(index, 0, value);
  } else setOwn(place.parent, place.key, value);
}

function write(document: { root: unknown }, path: string, value: unknown): void {
  const place = placeOf(document, path, 'replace');
  if (place === undefined) document.root = value;
  else if (Array.isArray(place.parent)) place.parent[indexIn(place, 'replace', place.parent.length - 1)] = value;
  else setOwn(place.parent, place.key, value);
}

function remove(document: { root: unknown }, path: string, op: string): unknown {
  const value = read(document, path, op);
  const place = placeOf(document, path, op);
  if (place === undefined) throw new PatchError(422, 'The whole document cannot be removed');
  if (Array.isArray(place.parent)) place.parent.splice(indexIn(place, op, place.parent.length - 1), 1);
  else delete place.parent[place.key];
  return value;
}

function read(document: { root: unknown }, path: string, op: string): unknown {
  const place = placeOf(document, path, op);
  if (place === undefined) return document.root;
  if (Array.isArray(place.parent)) return place.parent[indexIn(place, op, place.parent.length - 1)];
  if (!Object.hasOwn(place.parent, place.key)) throw missing(op, path);
  return place.parent[place.key];
}

/** The container that a pointer ends in; `undefined` for the whole document. */
function placeOf(document: { root: unknown }, path: string, op: string): Place | undefined {
  if (path === '') return undefined;
  if (!path.startsWith('/')) throw missing(op, path);
  const keys = path.slice(1).split('/').map(unescaped);
  const key = keys.pop() ?? '';
  let parent = document.root;
  for (const step of keys) {
    if (Array.isArray(parent)) parent = parent[indexIn({ parent, key: step }, op, parent.length - 1)];
    else parent = isFields(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined;
  }
  if (!Array.isArray(parent) && !isFields(parent)) throw missing(op, path);
  return { parent, key };
}

/** Negative indices count from the end, which RFC 6902 does not know but the real server accepts. */
function indexIn({ parent, key }: { parent: unknown; key: string }, op: string, most: number): number {
  const length = Array.isArray(parent) ? parent.length : 0;
  const index = /^-?(0|[1-9]\d*)$/.test(key) ? Number(key) : Number.NaN;
  const counted = index < 0 ? length + index : index;
  if (Number.isNaN(counted) || counted < 0 || counted > most) {
    throw new PatchError(
      422,
      `${op} operation does not apply: Unable to access invalid index: ${key}: invalid index referenced`,
    );
  }
  return counted;
}

function missing(op: string, path: string): PatchError {
  const why =
    op === 'remove'
      ? `Unable to remove nonexistent key: ${lastKey(path)}: missing value`
      : `doc is missing path: ${path}: missing value`;
  return new PatchError(422, `${op} operation does not apply: ${why}`);
}

function lastKey(path: string): string {
  return unescaped(path.split('/').at(-1) ?? '');
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** A plain assignment to `__proto__` would change the prototype instead. */
function setOwn(fields: Fields, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true });
}

function optional<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof PatchError) return undefined;
    throw thrown;
  }
}
