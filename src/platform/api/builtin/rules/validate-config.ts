/** Validation of ConfigMap, Secret and Lease. */

import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../../../../kube/kube-client.ts';
import type { KubeObject } from '../../../../lib/resource.ts';
import { forbidden, invalid, required, tooLong } from '../../schema/causes.ts';
import { fieldsAt } from '../field-access.ts';
import { configKey, nonNegative } from './value-faults.ts';

const BYTES_MAX = 1024 * 1024;

export function validateConfigMap(object: KubeObject, old?: KubeObject): StatusCause[] {
  const data = fieldsAt(object, 'data');
  const binary = fieldsAt(object, 'binaryData');
  const causes = [
    ...Object.keys(data).flatMap((key) => [
      ...configKey(key, `data[${key}]`),
      ...(Object.hasOwn(binary, key) ? [invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')] : []),
    ]),
    ...Object.keys(binary).flatMap((key) => configKey(key, `binaryData[${key}]`)),
  ];
  if (sizeOf(data) + sizeOf(binary) > BYTES_MAX) causes.push(tooLong('', BYTES_MAX));
  return [...causes, ...immutable(object, old)];
}

export function validateSecret(object: KubeObject, old?: KubeObject): StatusCause[] {
  const data = fieldsAt(object, 'data');
  const causes = Object.keys(data).flatMap((key) => configKey(key, `data[${key}]`));
  if (sizeOf(data) > BYTES_MAX) causes.push(tooLong('data', BYTES_MAX));
  if (object.type === 'kubernetes.io/tls') {
    for (const key of ['tls.crt', 'tls.key']) if (data[key] === undefined) causes.push(required(`data[${key}]`));
  }
  if (old !== undefined && old.type !== object.type) causes.push(invalid('type', object.type, 'field is immutable'));
  return [...causes, ...immutable(object, old)];
}

/** `immutable: true` cannot be taken back, and freezes the data. */
function immutable(object: KubeObject, old: KubeObject | undefined): StatusCause[] {
  if (old?.immutable !== true) return [];
  const why = 'field is immutable when `immutable` is set';
  const changed = ['data', 'binaryData'].filter((field) => !isDeepStrictEqual(object[field], old[field]));
  return [
    ...(object.immutable === true ? [] : [forbidden('immutable', why)]),
    ...changed.map((field) => forbidden(field, why)),
  ];
}

export function validateLease(object: KubeObject): StatusCause[] {
  const { leaseDurationSeconds, leaseTransitions } = fieldsAt(object, 'spec');
  const tooShort = typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0;
  return [
    ...(tooShort ? [invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')] : []),
    ...nonNegative(leaseTransitions, 'spec.leaseTransitions'),
  ];
}

function sizeOf(fields: Record<string, unknown>): number {
  return Object.values(fields).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value)), 0);
}
