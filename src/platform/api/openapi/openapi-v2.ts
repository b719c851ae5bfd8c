/** `/openapi/v2`: what kubectl before 1.27 validates, explains and merges by. As JSON, and as gnostic protobuf. */

import type { KindDefinition } from '../kind.ts';
import { encodeOpenApiV2 } from './gnostic.ts';
import { groupVersionKind, pathsOf, WRITE_PARAMETERS } from './openapi-paths.ts';
import { SchemaDocument } from './schema-document.ts';

/** Go's mime parser breaks on the other spelling, with `@`. */
export const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

export type OpenApiV2 = {
  swagger: '2.0';
  info: { title: string; version: string };
  paths: Record<string, object>;
  definitions: Record<string, { [key: string]: unknown }>;
};

export function openApiV2Document(kinds: readonly KindDefinition[]): OpenApiV2 {
  const document = new SchemaDocument('#/definitions/');
  const names = new Map(kinds.map((kind) => [kind, document.addKind(kind)]));
  const paths = pathsOf(kinds, (kind, action) => ({
    operationId: `${action}${kind.type.group.replaceAll(/\W/g, '')}${kind.type.version}${kind.type.kind}`,
    parameters:
      action === 'get'
        ? []
        : Object.entries(WRITE_PARAMETERS).map(([name, description]) => queryParameter(name, description)),
    responses: { 200: { description: 'OK', schema: document.reference(names.get(kind) ?? '') } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': groupVersionKind(kind),
  }));
  return { swagger: '2.0', info: { title: 'Kubernetes', version: 'sluice' }, paths, definitions: document.definitions };
}

/** The document's bytes for `OPENAPI_V2_PROTOBUF`. */
export function openApiV2Protobuf(document: OpenApiV2): Uint8Array {
  return encodeOpenApiV2(document);
}

function queryParameter(name: string, description: string): object {
  return { name, in: 'query', type: 'string', uniqueItems: true, description };
}
