/** What describes the server rather than its objects: version, health, discovery, OpenAPI. */

import type { ApiContext } from '../api-context.ts';
import { discoveryDocument } from '../discovery/discovery-documents.ts';
import type { KindDefinition } from '../kind.ts';
import { OPENAPI_V2_PROTOBUF, openApiV2Document, openApiV2Protobuf } from '../openapi/openapi-v2.ts';
import { openApiV3Document, openApiV3Index } from '../openapi/openapi-v3.ts';
import { JSON_TYPE, jsonReply, type Reply } from './reply.ts';

/** What we answer to be compatible with; kubectl warns when it is more than one minor version away. */
export const GIT_VERSION = 'v1.33.0+sluice';

export type DocumentRequest = { path: string; accept: string; serverAddress: string };

const HEALTH_PATHS = new Set(['/healthz', '/readyz', '/livez']);

/** Documents made from the kinds, kept until the kinds change. */
export class Documents {
  readonly #context: ApiContext;
  #kinds: readonly KindDefinition[] | undefined;
  #made = new Map<string, Reply | undefined>();

  constructor(context: ApiContext) {
    this.#context = context;
  }

  /** @returns `undefined` for a path that is none of these */
  answer(request: DocumentRequest): Reply | undefined {
    const { path } = request;
    if (HEALTH_PATHS.has(path)) return healthOf(this.#context);
    if (path === '/version') return jsonReply(versionInfo());
    const { all } = this.#context.kinds;
    if (this.#kinds !== all) {
      this.#kinds = all;
      this.#made = new Map();
    }
    const wantsProtobuf = path === '/openapi/v2' && request.accept.includes('proto-openapi');
    // What one caller calls the server must not be told to another.
    const form = `${request.accept} ${request.serverAddress}`;
    const key = path.startsWith('/openapi') ? `${path} ${wantsProtobuf}` : `${path} ${form}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = makeDocument(all, request, wantsProtobuf);
    if (made !== undefined && this.#made.size < 200) this.#made.set(key, made);
    return made;
  }
}

/** A server that cannot keep what it is told is not well, even though it answers. */
function healthOf({ store: { failure } }: ApiContext): Reply {
  const contentType = 'text/plain; charset=utf-8';
  if (failure === undefined) return { kind: 'whole', status: 200, contentType, body: 'ok' };
  return { kind: 'whole', status: 500, contentType, body: `[-]store failed: ${failure.message}\n` };
}

function makeDocument(
  kinds: readonly KindDefinition[],
  request: DocumentRequest,
  wantsProtobuf: boolean,
): Reply | undefined {
  const { path } = request;
  if (path === '/openapi/v2') {
    const document = openApiV2Document(kinds);
    if (!wantsProtobuf) return jsonReply(document);
    return { kind: 'whole', status: 200, contentType: OPENAPI_V2_PROTOBUF, body: openApiV2Protobuf(document) };
  }
  if (path === '/openapi/v3') return jsonReply(openApiV3Index(kinds));
  if (path.startsWith('/openapi/v3/')) {
    const document = openApiV3Document(kinds, path.slice('/openapi/v3/'.length));
    return document === undefined ? undefined : jsonReply(document);
  }
  const discovered = discoveryDocument({ kinds, ...request });
  if (discovered === undefined) return undefined;
  return {
    kind: 'whole',
    status: 200,
    contentType: discovered.contentType || JSON_TYPE,
    body: JSON.stringify(discovered.body),
  };
}

function versionInfo(): object {
  return {
    major: '1',
    minor: '33',
    gitVersion: GIT_VERSION,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
