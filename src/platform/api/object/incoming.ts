/** From the body of a write to an object that may be stored: checked against the URL, pruned, defaulted. */

import { apiVersionOf, type KubeObject } from '../../../lib/resource.ts';
import { badRequest } from '../failure/api-failure.ts';
import type { ApiRequest, WriteMode } from '../request/api-request.ts';
import { decodeFault } from '../schema/decode-fault.ts';
import { pruneUnknown } from '../schema/prune.ts';

export type Incoming = { object: KubeObject; warnings: readonly string[] };

/**
 * @param fields a decoded body; kind and apiVersion may be left out, as the URL says them
 * @throws ApiFailure 400 when body and URL contradict each other, or strict validation finds an unknown field
 */
export function incomingObject(
  fields: Record<string, unknown>,
  { kind, target }: Pick<ApiRequest, 'kind' | 'target'>,
  mode: Pick<WriteMode, 'fieldValidation'>,
): Incoming {
  const object = withTypeMeta(fields, kind.type);
  const fault = decodeFault(kind, object);
  if (fault !== undefined) throw badRequest(fault);
  const { object: pruned, unknown } = pruneUnknown(kind, object);
  const findings = unknown.map((path) => `unknown field "${path}"`);
  if (mode.fieldValidation === 'Strict' && findings.length > 0) {
    throw badRequest(
      `${kind.type.kind} in version "${kind.type.version}" cannot be handled as a ${kind.type.kind}: strict decoding error: ${findings.join(', ')}`,
    );
  }
  const warnings = mode.fieldValidation === 'Warn' ? findings : [];
  return { object: placed(pruned, target), warnings };
}

function withTypeMeta(fields: Record<string, unknown>, type: ApiRequest['kind']['type']): KubeObject {
  const wanted = { apiVersion: apiVersionOf(type), kind: type.kind };
  const { apiVersion = wanted.apiVersion, kind = wanted.kind } = fields;
  if (kind !== wanted.kind || typeof apiVersion !== 'string') {
    throw badRequest(
      `${String(kind)} in version "${String(apiVersion)}" cannot be handled as a ${wanted.kind}: no kind "${String(kind)}" is registered for this resource`,
    );
  }
  if (apiVersion !== wanted.apiVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${wanted.apiVersion})`,
    );
  }
  const { metadata } = fields;
  const isMap = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
  if (metadata !== undefined && metadata !== null && !isMap) throw badRequest('metadata must be an object');
  return {
    ...fields,
    ...wanted,
    metadata: { ...(metadata as KubeObject['metadata'] | undefined) } as KubeObject['metadata'],
  };
}

/** Name and namespace come from the URL where the body leaves them out. */
function placed(object: KubeObject, { namespace, name }: ApiRequest['target']): KubeObject {
  const { metadata } = object;
  if (metadata.namespace !== undefined && metadata.namespace !== '' && metadata.namespace !== (namespace ?? '')) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (name !== undefined && metadata.name !== undefined && metadata.name !== '' && metadata.name !== name) {
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
