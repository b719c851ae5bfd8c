/** Validation of CustomResourceDefinition: names, versions, and that every schema is structural. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import type { KubeObject } from '../../../../lib/resource.ts';
import { duplicate, invalid, notSupported, required } from '../../schema/causes.ts';
import { type Fields, fieldsAt, isFields, listAt, textAt } from '../field-access.ts';
import { validateStructural } from './validate-structural.ts';

export function validateCrd(object: KubeObject, old?: KubeObject): StatusCause[] {
  const spec = fieldsAt(object, 'spec');
  const names = fieldsAt(spec, 'names');
  const causes: StatusCause[] = [];
  if (object.metadata.name !== `${textAt(names, 'plural') ?? ''}.${textAt(spec, 'group') ?? ''}`) {
    causes.push(invalid('metadata.name', object.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (!textAt(spec, 'group')) causes.push(required('spec.group'));
  if (!['Cluster', 'Namespaced'].includes(String(spec.scope))) {
    causes.push(
      spec.scope ? notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']) : required('spec.scope'),
    );
  }
  causes.push(...validateVersions(spec));
  for (const name of ['plural', 'singular', 'kind', 'listKind']) {
    if (!textAt(names, name)) causes.push(required(`spec.names.${name}`));
  }
  return [...causes, ...immutableNames(spec, old)];
}

function validateVersions(spec: Fields): StatusCause[] {
  const versions = listAt(spec, 'versions');
  const causes: StatusCause[] = [];
  if (versions.filter(({ storage }) => storage === true).length !== 1) {
    causes.push(invalid('spec.versions', versions, 'must have exactly one version marked as storage version'));
    causes.push(invalid('status.storedVersions', null, 'must have at least one stored version'));
  }
  const seen = new Set<unknown>();
  for (const [index, version] of versions.entries()) {
    const path = `spec.versions[${index}]`;
    if (seen.has(version.name)) causes.push(duplicate(`${path}.name`, version.name));
    seen.add(version.name);
    const { openAPIV3Schema: schema } = fieldsAt(version, 'schema');
    // With one version the real server speaks of the old place of the schema.
    const place = versions.length === 1 ? 'spec.validation.openAPIV3Schema' : `${path}.schema.openAPIV3Schema`;
    if (!isFields(schema)) causes.push(required(`${path}.schema.openAPIV3Schema`));
    else causes.push(...validateStructural(schema, place));
  }
  return causes;
}

function immutableNames(spec: Fields, old: KubeObject | undefined): StatusCause[] {
  if (old === undefined) return [];
  const before = fieldsAt(old, 'spec');
  const causes = ['group', 'scope']
    .filter((name) => spec[name] !== before[name])
    .map((name) => invalid(`spec.${name}`, spec[name], 'field is immutable'));
  const kind = textAt(spec, 'names', 'kind');
  const same = kind === textAt(before, 'names', 'kind');
  return same ? causes : [...causes, invalid('spec.names.kind', kind, 'field is immutable')];
}
