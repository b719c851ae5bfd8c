/** One request as the handlers see it: whom it concerns, what it asks for, and the options that all writes share. */

import { invalidOption } from '../failure/api-failure.ts';
import type { KindDefinition } from '../kind.ts';
import { notSupported, tooLong } from '../schema/causes.ts';
import type { Representation } from './representation.ts';
import type { ResourceTarget } from './target.ts';

export type ApiRequest = {
  method: string;
  kind: KindDefinition;
  target: ResourceTarget;
  query: URLSearchParams;
  representation: Representation;
  contentType: string | undefined;
  body: Buffer;
  /** What the caller calls itself, for the field manager when it names none. */
  userAgent: string;
  /** Aborted when the caller goes away. */
  signal: AbortSignal;
};

/** The longest name of a field manager, in bytes. */
const MANAGER_BYTES_MAX = 128;

export type WriteMode = {
  dryRun: boolean;
  fieldManager: string;
  fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  force: boolean;
};

/** @throws ApiFailure 422 for a value that is not allowed */
export function writeModeOf({
  query,
  userAgent,
  method,
}: Pick<ApiRequest, 'query' | 'userAgent' | 'method'>): WriteMode {
  const manager = query.get('fieldManager') ?? '';
  if (Buffer.byteLength(manager) > MANAGER_BYTES_MAX) {
    throw invalidOption(method, tooLong('fieldManager', MANAGER_BYTES_MAX));
  }
  return {
    dryRun: isDryRun(query.getAll('dryRun'), method),
    fieldManager: manager || userAgent.split('/', 1)[0] || 'unknown',
    fieldValidation: fieldValidationOf(query.get('fieldValidation'), method),
    force: isTrue(query.get('force')),
  };
}

/** @throws ApiFailure 422 for anything but `All` */
export function isDryRun(values: readonly unknown[], method: string): boolean {
  const given = values.filter((value) => value !== '');
  if (given.every((value) => value === 'All')) return given.length > 0;
  throw invalidOption(method, notSupported('dryRun', given, ['All']));
}

/** A flag of a query, as Go's ParseBool understands it; what it does not understand is false. */
export function isTrue(value: string | null): boolean {
  return value !== null && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value);
}

function fieldValidationOf(value: string | null, method: string): WriteMode['fieldValidation'] {
  switch (value) {
    case null:
    case '':
    case 'Warn':
      return 'Warn';
    case 'Strict':
    case 'Ignore':
      return value;
    default:
      throw invalidOption(method, notSupported('fieldValidation', value, ['', 'Ignore', 'Strict', 'Warn']));
  }
}
