/** A container's `env` and `envFrom`. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import { invalid, required } from '../../schema/causes.ts';
import { subdomainFaults } from '../../schema/names.ts';
import { type Fields, isFields, listAt, textAt } from '../field-access.ts';
import { configKey } from './value-faults.ts';

const NAME_MESSAGE = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];
const ONE_SOURCE =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
const POD_FIELDS =
  /^(metadata\.(name|namespace|uid|labels\['[^']+'\]|annotations\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIP|hostIPs|podIP|podIPs))$/;

export function validateEnvironment(container: Fields, path: string): StatusCause[] {
  return [
    ...listAt(container, 'env').flatMap((variable, index) => validateVariable(variable, `${path}.env[${index}]`)),
    ...listAt(container, 'envFrom').flatMap((source, index) =>
      validateFrom(source, { path: `${path}.envFrom`, index }),
    ),
  ];
}

function validateVariable(variable: Fields, path: string): StatusCause[] {
  const name = textAt(variable, 'name') ?? '';
  const causes: StatusCause[] = [];
  if (name === '') causes.push(required(`${path}.name`));
  else if (!/^[ -<>-~]+$/.test(name)) causes.push(invalid(`${path}.name`, name, NAME_MESSAGE));
  return isFields(variable.valueFrom) ? [...causes, ...validateValueFrom(variable, `${path}.valueFrom`)] : causes;
}

function validateValueFrom(variable: Fields, path: string): StatusCause[] {
  const source = variable.valueFrom as Fields;
  const given = SOURCES.filter((name) => isFields(source[name]));
  const causes: StatusCause[] = [];
  if (given.length === 0) causes.push(invalid(path, '', ONE_SOURCE));
  else if (variable.value) causes.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  else if (given.length > 1) causes.push(invalid(path, '', 'may not have more than one field specified at a time'));
  const { fieldRef } = source;
  if (isFields(fieldRef)) causes.push(...validateFieldRef(fieldRef, `${path}.fieldRef`));
  for (const name of ['configMapKeyRef', 'secretKeyRef']) {
    const reference = source[name];
    if (!isFields(reference)) continue;
    const target = textAt(reference, 'name') ?? '';
    causes.push(...subdomainFaults(target).map((fault) => invalid(`${path}.${name}.name`, target, fault)));
    const key = textAt(reference, 'key') ?? '';
    causes.push(...(key === '' ? [required(`${path}.${name}.key`)] : configKey(key, `${path}.${name}.key`)));
  }
  return causes;
}

function validateFieldRef(reference: Fields, path: string): StatusCause[] {
  const field = textAt(reference, 'fieldPath') ?? '';
  if (field === '') return [required(`${path}.fieldPath`)];
  if (POD_FIELDS.test(field)) return [];
  const why = `error converting fieldPath: field label not supported: ${field}`;
  return [invalid(`${path}.fieldPath`, field, why)];
}

function validateFrom(source: Fields, { path, index }: { path: string; index: number }): StatusCause[] {
  const given = ['configMapRef', 'secretRef'].filter((name) => isFields(source[name]));
  if (given.length === 0) return [invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')];
  if (given.length > 1) return [invalid(path, '', 'may not have more than one field specified at a time')];
  return given.flatMap((name) => {
    const target = textAt(source, name, 'name') ?? '';
    const field = `${path}[${index}].${name}.name`;
    return target === '' ? [required(field)] : subdomainFaults(target).map((fault) => invalid(field, target, fault));
  });
}
