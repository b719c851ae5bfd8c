/** Causes of an `Invalid` status in the words of kube-apiserver (k8s.io/apimachinery field errors). */

import type { StatusCause } from '../../../kube/kube-client.ts';

export function required(field: string, detail = ''): StatusCause {
  return { reason: 'FieldValueRequired', message: withDetail('Required value', detail), field };
}

export function invalid(field: string, value: unknown, detail: string): StatusCause {
  return { reason: 'FieldValueInvalid', message: withDetail(`Invalid value: ${shown(value)}`, detail), field };
}

export function typeInvalid(field: string, value: unknown, detail: string): StatusCause {
  return { ...invalid(field, value, detail), reason: 'FieldValueTypeInvalid' };
}

export function notSupported(field: string, value: unknown, supported: readonly unknown[]): StatusCause {
  const values = supported.map(shown).join(', ');
  const message = `Unsupported value: ${shown(value)}: supported values: ${values}`;
  return { reason: 'FieldValueNotSupported', message, field };
}

export function duplicate(field: string, value: unknown): StatusCause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}`, field };
}

export function forbidden(field: string, detail: string): StatusCause {
  return { reason: 'FieldValueForbidden', message: withDetail('Forbidden', detail), field };
}

export function notFound(field: string, value: unknown): StatusCause {
  return { reason: 'FieldValueNotFound', message: `Not found: ${shown(value)}`, field };
}

export function tooLong(field: string, bytesMax: number): StatusCause {
  return { reason: 'FieldValueTooLong', message: `Too long: may not be more than ${bytesMax} bytes`, field };
}

export function tooMany(field: string, found: number, most: number): StatusCause {
  const message = `Too many: ${found}: must have at most ${most} ${most === 1 ? 'item' : 'items'}`;
  return { reason: 'FieldValueTooMany', message, field };
}

/** A child's path; the root has the empty path. */
export function child(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** Go prints a nil value as null and strings in quotes. */
function shown(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}

function withDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`;
}
