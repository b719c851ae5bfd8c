/**
 * Bodies of `application/vnd.kubernetes.protobuf`: what kubectl sends for imperative creates, reviews and deletes. Four magic bytes,
 * then `runtime.Unknown` with the object inside. The fields of each message stand in `messages.json` (`scripts/protobuf-messages.ts`).
 */

import type { KubeObject } from '../../../lib/resource.ts';
import type { Fields } from '../builtin/field-access.ts';
import { fieldsOfMessage, type MessageField, rootMessage } from './messages.ts';
import { ProtobufError, readFields } from './protobuf-reader.ts';

const MAGIC = [0x6b, 0x38, 0x73, 0x00];
const DEPTH_MAX = 64;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** @throws ProtobufError for a body that is not well-formed, or of a kind that is only understood as JSON */
export function decodeKubernetesProtobuf(bytes: Uint8Array): KubeObject {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new ProtobufError('The body does not begin with the magic bytes of Kubernetes protobuf');
  }
  const { typeMeta, raw } = readEnvelope(bytes.subarray(MAGIC.length));
  const { apiVersion = '', kind = '' } = typeMeta;
  // Options are sent in the group of the object that they are about.
  const root = rootMessage(kind.endsWith('Options') ? `meta.k8s.io/v1/${kind}` : `${apiVersion}/${kind}`);
  if (root === undefined) throw new ProtobufError(`${apiVersion} ${kind} is only understood as JSON`);
  return { apiVersion, kind, ...(decodeMessage(raw, root, 0) as { metadata: KubeObject['metadata'] }) };
}

/** runtime.Unknown: typeMeta 1 (apiVersion 1, kind 2), raw 2. */
function readEnvelope(bytes: Uint8Array): { typeMeta: { apiVersion?: string; kind?: string }; raw: Uint8Array } {
  const typeMeta: { apiVersion?: string; kind?: string } = {};
  let raw = new Uint8Array();
  for (const { number, value } of readFields(bytes)) {
    if (typeof value === 'bigint') continue;
    if (number === 2) raw = Uint8Array.from(value);
    if (number !== 1) continue;
    for (const inner of readFields(value)) {
      if (inner.number === 1) typeMeta.apiVersion = textOf(inner.value);
      if (inner.number === 2) typeMeta.kind = textOf(inner.value);
    }
  }
  return { typeMeta, raw };
}

function decodeMessage(bytes: Uint8Array, name: string, depth: number): Fields {
  if (depth > DEPTH_MAX) throw new ProtobufError('The message is nested too deeply');
  const known = fieldsOfMessage(name) ?? {};
  const fields: Fields = {};
  for (const { number, value } of readFields(bytes)) {
    const field = known[number];
    if (field === undefined) continue;
    if (field.map) addEntry(fields, field, { value, depth });
    else {
      const decoded = decodeValue(value, field.type, depth);
      if (field.inline) Object.assign(fields, decoded);
      else if (field.repeated) fields[field.name] = [...((fields[field.name] as unknown[]) ?? []), decoded];
      else if (field.pointer || !isUnset(decoded)) fields[field.name] = decoded;
    }
  }
  return fields;
}

function addEntry(fields: Fields, field: MessageField, entry: { value: bigint | Uint8Array; depth: number }): void {
  let key = '';
  let item: unknown = field.type === 'string' ? '' : {};
  for (const { number, value } of readFields(bytesOf(entry.value))) {
    if (number === 1) key = textOf(value);
    else item = decodeValue(value, field.type, entry.depth);
  }
  const map = (fields[field.name] ?? {}) as Fields;
  Object.defineProperty(map, key, { value: item, enumerable: true, writable: true, configurable: true });
  fields[field.name] = map;
}

function decodeValue(value: bigint | Uint8Array, type: string, depth: number): unknown {
  switch (type) {
    case 'string':
      return textOf(value);
    case 'bytes':
      return Buffer.from(bytesOf(value)).toString('base64');
    case 'bool':
      return value !== 0n;
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      return Number(BigInt.asIntN(64, numberOf(value)));
    case 'double':
      return new DataView(Uint8Array.from(bytesOf(value)).buffer).getFloat64(0, true);
    case 'Time':
    case 'MicroTime':
      return instantOf(bytesOf(value), type === 'MicroTime' ? 6 : 0);
    case 'Quantity':
      return textOf(readFields(bytesOf(value)).find(({ number }) => number === 1)?.value ?? new Uint8Array());
    case 'IntOrString':
      return intOrString(bytesOf(value));
    case 'RawExtension':
    case 'FieldsV1':
      return jsonOf(bytesOf(value));
    default:
      return decodeMessage(bytesOf(value), type, depth + 1);
  }
}

/** Go writes every field that is no pointer, also an empty one, which JSON leaves out. */
function isUnset(value: unknown): boolean {
  if (value === '' || value === 0 || value === false || value === undefined) return true;
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

/** @returns RFC 3339 with `digits` of a second's fraction; `undefined` for Go's zero time */
function instantOf(bytes: Uint8Array, digits: 0 | 6): string | undefined {
  const parts = new Map(readFields(bytes).map(({ number, value }) => [number, numberOf(value)]));
  if (parts.size === 0) return undefined;
  const seconds = Number(BigInt.asIntN(64, parts.get(1) ?? 0n));
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const micros = String(Math.trunc(Number(parts.get(2) ?? 0n) / 1000)).padStart(6, '0');
  return digits === 0 ? `${whole}Z` : `${whole}.${micros}Z`;
}

/** intstr.IntOrString: type 1 (0 is a number), intVal 2, strVal 3. */
function intOrString(bytes: Uint8Array): string | number {
  const parts = new Map(readFields(bytes).map(({ number, value }) => [number, value]));
  if (parts.get(1) === 1n) return textOf(parts.get(3) ?? new Uint8Array());
  return Number(BigInt.asIntN(64, numberOf(parts.get(2) ?? 0n)));
}

function jsonOf(bytes: Uint8Array): unknown {
  const raw = readFields(bytes).find(({ number }) => number === 1)?.value;
  try {
    return raw === undefined ? undefined : JSON.parse(textOf(raw));
  } catch (cause) {
    throw new ProtobufError(`An embedded object is no JSON: ${String(cause)}`);
  }
}

function textOf(value: bigint | Uint8Array): string {
  try {
    return decoder.decode(bytesOf(value));
  } catch {
    throw new ProtobufError('A text is not valid UTF-8');
  }
}

function bytesOf(value: bigint | Uint8Array): Uint8Array {
  if (typeof value === 'bigint') throw new ProtobufError('Found a number where bytes belong');
  return value;
}

function numberOf(value: bigint | Uint8Array): bigint {
  if (typeof value !== 'bigint') throw new ProtobufError('Found bytes where a number belongs');
  return value;
}
