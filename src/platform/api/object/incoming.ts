/** From the body of a write to an object that may be stored: checked against the URL, pruned, defaulted. */

import { apiVersionOf, type KubeObject, type ResourceType } from '../../../lib/resource.ts';
import { isFields, textAt } from '../builtin/field-access.ts';
import { type ApiFailure, badRequest } from '../failure/api-failure.ts';
import type { KindDefinition } from '../kind.ts';
import { isBuiltIn } from '../kind-registry.ts';
import type { ApiRequest, WriteMode } from '../request/api-request.ts';
import { ruleOf } from '../rules/kind-rules.ts';
import { decodeFault } from '../schema/decode-fault.ts';
import { pruneUnknown } from '../schema/prune.ts';

/** How a body that cannot be decoded is refused: as a bad body, or as a patch with a bad result. */
export type Refuse = (fault: string) => ApiFailure;

export type Incoming = { object: KubeObject; warnings: readonly string[] };

/**
 * @param fields a decoded body; kind and apiVersion may be left out, as the URL says them
 * @throws ApiFailure 400 when body and URL contradict each other, or strict validation finds an unknown field
 */
export function incomingObject(
  fields: Record<string, unknown>,
  { kind, target }: Pick<ApiRequest, 'kind' | 'target'>,
  mode: Pick<WriteMode, 'fieldValidation'>,
  refuse: Refuse = (fault) => undecodable(kind.type, fault),
): Incoming {
  const object = withTypeMeta(fields, kind);
  const fault = decodeFault(kind, object);
  if (fault !== undefined) throw refuse(fault);
  const { object: pruned, unknown } = pruneUnknown(kind, object);
  const findings = unknown.map((path) => `unknown field "${path}"`);
  if (mode.fieldValidation === 'Strict' && findings.length > 0) {
    throw refuse(`strict decoding error: ${findings.join(', ')}`);
  }
  const warnings = [...(mode.fieldValidation === 'Warn' ? findings : []), ...(ruleOf(kind).warnings?.(pruned) ?? [])];
  return { object: placed(pruned, target), warnings };
}

function undecodable({ kind, version }: ResourceType, fault: string): ApiFailure {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${fault}`);
}

function withTypeMeta(fields: Record<string, unknown>, definition: KindDefinition): KubeObject {
  const { type } = definition;
  const wanted = { apiVersion: apiVersionOf(type), kind: type.kind };
  assertType(fields, definition);
  const { metadata } = fields;
  const isMap = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (metadata !== undefined && metadata !== null && !isMap) {
    const found = Array.isArray(metadata) ? 'array' : typeof metadata === 'boolean' ? 'bool' : typeof metadata;
    const into = `Go struct field ${type.kind}.metadata of type v1.ObjectMeta`;
    throw undecodable(type, `json: cannot unmarshal ${found} into ${into}`);
  }
  return {
    ...fields,
    ...wanted,
    metadata: { ...(metadata as KubeObject['metadata'] | undefined) } as KubeObject['metadata'],
  };
}

/** The URL says what a built-in kind is where the body does not; a custom resource has to say it itself. */
function assertType(fields: Record<string, unknown>, definition: KindDefinition): void {
  const { type } = definition;
  const wanted = { apiVersion: apiVersionOf(type), kind: type.kind };
  if (!isBuiltIn(definition)) {
    const missing = (['kind', 'apiVersion'] as const).find((name) => !fields[name]);
    if (missing !== undefined) {
      const name = missing === 'kind' ? 'Kind' : 'apiVersion';
      throw badRequest(
        `the object provided is unrecognized (must be of type ${type.kind}): Object '${name}' is missing`,
      );
    }
  }
  const { apiVersion = wanted.apiVersion, kind = wanted.kind } = fields;
  if (apiVersion === wanted.apiVersion && kind === wanted.kind) return;
  if (!isBuiltIn(definition) && apiVersion !== wanted.apiVersion) {
    const expected = `the expected API version (${wanted.apiVersion})`;
    throw badRequest(`the API version in the data (${String(apiVersion)}) does not match ${expected}`);
  }
  const version = String(apiVersion).split('/').at(-1);
  throw badRequest(
    `${String(kind)} in version "${version}" cannot be handled as a ${wanted.kind}: no kind "${String(kind)}" is registered for version "${String(apiVersion)}"`,
  );
}

/**
 * A whole object that is put somewhere says its own name.
 *
 * @throws ApiFailure 400
 */
export function assertNamed(fields: Record<string, unknown>, { name = '' }: ApiRequest['target']): void {
  if (textAt(fields, 'metadata', 'name') || !isFields(fields.metadata ?? {})) return;
  throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
}

/** Name and namespace come from the URL where the body leaves them out. */
function placed(object: KubeObject, { namespace, name }: ApiRequest['target']): KubeObject {
  const { metadata } = object;
  if (metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== (namespace ?? '')) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (name !== undefined && metadata.name && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  const { namespace: _dropped, ...kept } = metadata;
  return {
    ...object,
    metadata: {
      ...kept,
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
    },
  };
}
