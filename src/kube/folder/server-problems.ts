/** What an API server says against a manifest, at the places of the file where it can be corrected. Pure. */

import { messageOf } from '../../lib/errors.ts';
import { ApiError, type StatusCause } from '../kube-client.ts';
import type { ManifestDocument, ManifestProblem } from './manifest.ts';

/** One problem per cause that the server names by field path; the whole answer when it names none. */
export function serverProblems(document: ManifestDocument, thrown: unknown): ManifestProblem[] {
  const named = thrown instanceof ApiError ? namedFields(thrown) : [];
  const flaws = named.length > 0 ? named : [{ path: '', message: messageOf(thrown) }];
  return flaws.map(({ path, message }) => ({ file: document.file, ...document.positionOf(path), path, message }));
}

type Flaw = { path: string; message: string };

function namedFields({ causes, message }: ApiError): Flaw[] {
  const withField = causes.filter(({ field }) => field !== '' && field !== '<nil>');
  if (withField.length > 0) return withField.map(flawOf);
  const unknown = [...message.matchAll(/(unknown|duplicate) field "([^"]+)"/g)];
  if (unknown.length > 0) {
    return unknown.map(([, flaw = '', path = '']) => ({
      path,
      message: flaw === 'duplicate' ? 'is given twice' : 'is not a field that the API server knows',
    }));
  }
  const mistyped = undecodable(message);
  if (mistyped !== undefined) return [mistyped];
  const [, path, text] = /: \.([A-Za-z][^\s:]*): (.+)$/.exec(message) ?? [];
  return path === undefined || text === undefined ? [] : [{ path, message: text }];
}

/** What Go's JSON decoder says of a value of the wrong type; list indexes are not part of it. */
function undecodable(message: string): Flaw | undefined {
  const [, found, path, type] =
    /json: cannot unmarshal (\w+) into Go struct field \w+\.(\S+) of type (\S+)/.exec(message) ?? [];
  if (path === undefined) return undefined;
  return { path, message: `must be of type ${type}: got a ${found}` };
}

/** Kubernetes writes what was found before what is expected; people want it the other way round. */
function flawOf({ field, message }: StatusCause): Flaw {
  const [, kind = '', rest = ''] =
    /^(Invalid value|Unsupported value|Duplicate value|Required value|Forbidden)(?:: ([\s\S]*))?$/.exec(message) ?? [];
  switch (kind) {
    case 'Invalid value': {
      const { found, expected } = splitFound(rest);
      return { path: field, message: `${expectation(expected, field)}: got ${found}` };
    }
    case 'Unsupported value': {
      const { found, expected } = splitFound(rest);
      return { path: field, message: `must be one of ${expected.replace(/^supported values: /, '')}: got ${found}` };
    }
    case 'Duplicate value':
      return { path: field, message: `must be unique: got ${rest}` };
    case 'Required value':
      return { path: field, message: `must be set${rest === '' ? '' : ` (${rest})`}: got nothing` };
    default:
      return { path: field, message };
  }
}

/** Schemas repeat the field and, when the type is wrong, the found type: `spec.x in body must be of type number: "string"`. */
function expectation(text: string, field: string): string {
  if (text === '') return 'must be valid';
  const own = text.startsWith(`${field} in body `) ? text.slice(`${field} in body `.length) : text;
  return own.replace(/^should /, 'must ').replace(/^(must be of type \w+): "\w+"$/, '$1');
}

/** The found value is JSON in front of the first colon that leaves it whole. */
function splitFound(text: string): { found: string; expected: string } {
  for (let at = text.indexOf(': '); at !== -1; at = text.indexOf(': ', at + 1)) {
    if (isJson(text.slice(0, at))) return { found: text.slice(0, at), expected: text.slice(at + 2) };
  }
  const at = text.indexOf(': ');
  return at === -1 ? { found: text, expected: '' } : { found: text.slice(0, at), expected: text.slice(at + 2) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
