/** The formats of names, labels and annotations, in the words of the real server. */

import type { StatusCause } from '../../../kube/kube-client.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import { isFields } from '../builtin/field-access.ts';
import { invalid, required, tooLong } from './causes.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

export const LABEL_MESSAGE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
export const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED_MESSAGE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];
const ANNOTATIONS_BYTES_MAX = 256 * 1024;

/** How `metadata.name` of a kind has to look. */
export type NameFormat = 'subdomain' | 'dotless';

/** What is wrong with a DNS-1123 label (63 characters); empty when nothing is. */
export function labelFaults(name: string): string[] {
  return [
    ...(name.length > 63 ? ['must be no more than 63 characters'] : []),
    ...(LABEL.test(name) ? [] : [LABEL_MESSAGE]),
  ];
}

/** What is wrong with a DNS-1123 subdomain (253 characters). */
export function subdomainFaults(name: string): string[] {
  return [
    ...(name.length > 253 ? ['must be no more than 253 characters'] : []),
    ...(SUBDOMAIN.test(name) ? [] : [SUBDOMAIN_MESSAGE]),
  ];
}

/** What is wrong with a name of `format`. */
export function nameFaults(name: string, format: NameFormat): string[] {
  if (format === 'subdomain') return subdomainFaults(name);
  return name.includes('.') ? ['must not contain dots'] : labelFaults(name);
}

/** What is wrong with a label key or annotation key: `[prefix/]name`. */
export function qualifiedNameFaults(key: string): string[] {
  const parts = key.split('/');
  const [prefix, name] = parts.length === 1 ? [undefined, key] : [parts[0] ?? '', parts[1] ?? ''];
  if (parts.length > 2) {
    return [
      `a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const faults: string[] = [];
  if (prefix === '') faults.push('prefix part must be non-empty');
  else if (prefix !== undefined) faults.push(...subdomainFaults(prefix).map((fault) => `prefix part ${fault}`));
  if (name === '') faults.push('name part must be non-empty');
  else if (name.length > 63) faults.push('name part must be no more than 63 bytes');
  if (!QUALIFIED.test(name)) faults.push(QUALIFIED_MESSAGE);
  return faults;
}

export function labelValueFaults(value: string): string[] {
  return [
    ...(value.length > 63 ? ['must be no more than 63 bytes'] : []),
    ...(VALUE.test(value) ? [] : [VALUE_MESSAGE]),
  ];
}

/** Labels at any place of an object (metadata, a pod template, a selector). */
export function validateLabels(labels: unknown, field: string): StatusCause[] {
  if (!isFields(labels)) return [];
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameFaults(key).map((fault) => invalid(field, key, fault)),
    ...labelValueFaults(String(value)).map((fault) => invalid(field, value, fault)),
  ]);
}

/** `metadata` of an object that is about to be stored. */
export function validateMetadata(object: KubeObject, format: NameFormat): StatusCause[] {
  const { name, generateName, labels, annotations, finalizers } = object.metadata;
  const causes: StatusCause[] = [];
  if (name === undefined || name === '') {
    if (!generateName) causes.push(required('metadata.name', 'name or generateName is required'));
  } else {
    causes.push(...nameFaults(name, format).map((fault) => invalid('metadata.name', name, fault)));
  }
  causes.push(...validateLabels(labels, 'metadata.labels'), ...validateAnnotations(annotations));
  for (const finalizer of finalizers ?? []) {
    causes.push(...qualifiedNameFaults(finalizer).map((fault) => invalid('metadata.finalizers', finalizer, fault)));
  }
  for (const [index, finalizer] of (finalizers ?? []).entries()) {
    if (finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)) continue;
    const why = 'name is neither a standard finalizer name nor is it fully qualified';
    causes.push(invalid(`metadata.finalizers[${index}]`, finalizer, why));
  }
  return causes;
}

function validateAnnotations(annotations: unknown): StatusCause[] {
  if (!isFields(annotations)) return [];
  const field = 'metadata.annotations';
  const causes = Object.keys(annotations).flatMap((key) =>
    qualifiedNameFaults(key.toLowerCase()).map((fault) => invalid(field, key, fault)),
  );
  const bytes = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);
  return bytes > ANNOTATIONS_BYTES_MAX ? [...causes, tooLong(field, ANNOTATIONS_BYTES_MAX)] : causes;
}
