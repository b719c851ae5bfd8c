/**
 * The shape that a built-in object has after Go has read and written it: zero values that Go does not tell from absent ones are gone,
 * structs that Go always writes are there (`resources: {}`), quantities are in canonical form (`1024Mi` is `1Gi`).
 */

import { type Fields, isFields } from '../builtin/field-access.ts';
import { fieldsOfMessage, type MessageField, rootMessage } from './messages.ts';
import { canonicalQuantity } from './quantity.ts';

/** @returns a new object; the same for a kind that has no message */
export function goShape<T extends { apiVersion: string; kind: string }>(object: T): T {
  const root = rootMessage(`${object.apiVersion}/${object.kind}`);
  if (root === undefined) return object;
  const { apiVersion, kind, ...fields } = object;
  return { apiVersion, kind, ...shapeFields(fields, root) } as unknown as T;
}

function shapeFields(fields: Fields, message: string): Fields {
  const shaped: Fields = {};
  for (const field of Object.values(fieldsOfMessage(message) ?? {})) {
    if (field.inline) {
      Object.assign(shaped, shapeFields(fields, field.type));
      continue;
    }
    const given = Object.hasOwn(fields, field.name) ? fields[field.name] : undefined;
    const value = shapeField(given ?? undefined, field);
    if (value !== undefined) shaped[field.name] = value;
  }
  return shaped;
}

function shapeField(value: unknown, field: MessageField): unknown {
  if (field.repeated) {
    if (!Array.isArray(value)) return field.always ? null : undefined;
    if (value.length === 0 && !field.always) return undefined;
    return value.map((item) => shapeValue(item, field.type));
  }
  if (field.map) {
    if (!isFields(value)) return field.always ? null : undefined;
    if (Object.keys(value).length === 0 && !field.always) return undefined;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeValue(item, field.type)]));
  }
  if (value === undefined) return absent(field);
  const shaped = shapeValue(value, field.type);
  const dropped = !field.pointer && !field.always && (shaped === '' || shaped === 0 || shaped === false);
  return dropped ? undefined : shaped;
}

/** What Go writes for a field that nobody set. */
function absent({ type, pointer, always, omitsZero }: MessageField): unknown {
  if (pointer || omitsZero) return pointer && always ? null : undefined;
  if (type === 'Time' || type === 'MicroTime') return null;
  if (fieldsOfMessage(type) !== undefined) return shapeFields({}, type);
  if (!always) return undefined;
  if (type === 'string') return '';
  if (type === 'bool') return false;
  return type.startsWith('int') || type === 'double'
    ? 0
    : type === 'IntOrString'
      ? 0
      : type === 'Quantity'
        ? '0'
        : null;
}

function shapeValue(value: unknown, type: string): unknown {
  if (type === 'Quantity') return canonicalQuantity(value);
  return isFields(value) && fieldsOfMessage(type) !== undefined ? shapeFields(value, type) : value;
}
