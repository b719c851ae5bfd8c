/** `/openapi/v3`: an index, and one document per group and version. kubectl 1.27 and newer apply, explain and diff by it. */

import { createHash } from 'node:crypto';
import { apiVersionOf } from '../../../lib/resource.ts';
import type { KindDefinition } from '../kind.ts';
import { groupVersionKind, pathsOf, WRITE_PARAMETERS } from './openapi-paths.ts';
import { SchemaDocument } from './schema-document.ts';

/** The path of a document under `/openapi/v3/`: `api/v1`, `apis/apps/v1`. */
export function openApiV3Path({ type }: KindDefinition): string {
  return `${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type)}`;
}

export function openApiV3Index(kinds: readonly KindDefinition[]): object {
  const paths = [...new Set(kinds.map(openApiV3Path))].map((path) => {
    const hash = createHash('sha256')
      .update(JSON.stringify(openApiV3Document(kinds, path)))
      .digest('hex')
      .toUpperCase();
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }] as const;
  });
  return { paths: Object.fromEntries(paths) };
}

/** @param path as `openApiV3Path` gives it. @returns `undefined` for a group or version that is not there */
export function openApiV3Document(kinds: readonly KindDefinition[], path: string): object | undefined {
  const own = kinds.filter((kind) => openApiV3Path(kind) === path);
  if (own.length === 0) return undefined;
  const document = new SchemaDocument('#/components/schemas/');
  const names = new Map(own.map((kind) => [kind, document.addKind(kind)]));
  const paths = pathsOf(own, (kind, action) => {
    const schema = document.reference(names.get(kind) ?? '');
    const writes = Object.entries(WRITE_PARAMETERS).map(([name, description]) => queryParameter(name, description));
    return {
      ...(action === 'get' ? {} : { parameters: writes, requestBody: { content: { '*/*': { schema } } } }),
      responses: { 200: { description: 'OK', content: { 'application/json': { schema } } } },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': groupVersionKind(kind),
    };
  });
  const info = { title: 'Kubernetes', version: 'sluice' };
  return { openapi: '3.0.0', info, paths, components: { schemas: document.definitions } };
}

function queryParameter(name: string, description: string): object {
  return { name, in: 'query', description, schema: { type: 'string', uniqueItems: true } };
}
