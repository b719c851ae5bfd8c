/** Lists of objects, whole or by pages. */

import { objectKey } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { ApiFailure, badRequest, expired } from '../failure/api-failure.ts';
import { jsonReply, type Reply, textReply } from '../http/reply.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { objectIn, resourceIdOf, type StoredObject, textIn } from '../store/stored-object.ts';
import { listText, partialMetadata, tableOf } from './present.ts';
import { selectionOf } from './selection.ts';

/** Where the next page starts, and as of when the first one was: a watch from there sees what pages missed meanwhile. */
type Cursor = { version: number; after: string };

type Page = { items: StoredObject[]; version: number; continueToken?: string; remaining?: number };

export function list(context: ApiContext, request: ApiRequest): Reply {
  const page = pageOf(context, request);
  const { kind, representation, query } = request;
  const metadata = {
    resourceVersion: `${page.version}`,
    ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  const { form, format } = representation;
  if (form === 'object') {
    const texts = page.items.map((stored) => textIn(stored, kind.type));
    return textReply(listText(kind, texts, metadata), { format });
  }
  const objects = page.items.map((stored) => objectIn(stored, kind.type));
  if (form === 'table') {
    const { continueToken, remaining } = page;
    const place = {
      ...(continueToken === undefined ? {} : { continueToken }),
      ...(remaining === undefined ? {} : { remaining }),
    };
    return jsonReply(tableOf(context, kind, objects, { query, resourceVersion: `${page.version}`, ...place }), {
      format,
    });
  }
  const items = objects.map(partialMetadata);
  return jsonReply({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items }, { format });
}

function pageOf({ store }: ApiContext, { kind, query, target }: ApiRequest): Page {
  const limit = wholeNumber(query, 'limit') ?? 0;
  const token = query.get('continue') ?? '';
  const cursor = token === '' ? undefined : parseCursor(token);
  if (cursor !== undefined && cursor.version < store.floor) {
    throw expired('The provided continue parameter is too old to display a consistent list result.');
  }
  assertReached(query.get('resourceVersion'), store.version);
  const selection = selectionOf({ query, target });
  const all = store
    .list(resourceIdOf(kind.type), target.namespace)
    .filter((stored) => selection.matches(stored.object))
    .filter(({ object }) => cursor === undefined || objectKey(object.metadata) > cursor.after);
  const version = cursor?.version ?? store.version;
  const items = limit > 0 ? all.slice(0, limit) : all;
  const last = items.at(-1);
  if (items.length === all.length || last === undefined) return { items, version };
  const continueToken = formatCursor({ version, after: objectKey(last.object.metadata) });
  return { items, version, continueToken, ...(selection.selective ? {} : { remaining: all.length - items.length }) };
}

/**
 * A resource version of a query.
 *
 * @throws ApiFailure 400 unless it is a number
 */
export function versionOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (/^\d{1,16}$/.test(text)) return Number(text);
  throw badRequest(`invalid resource version "${text}": it must be a number`);
}

/** A list that is to be at least as new as something this store has never seen cannot be given. */
function assertReached(asked: string | null, current: number): void {
  const version = versionOf(asked);
  if (version === undefined || version <= current) return;
  throw new ApiFailure(504, 'Timeout', `Too large resource version: ${version}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** @throws ApiFailure 400 unless the parameter is a whole number */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw badRequest(`${name} must be a whole number: got ${JSON.stringify(text)}`);
}

function formatCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function parseCursor(token: string): Cursor {
  try {
    const { version, after } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Partial<Cursor>;
    if (typeof version === 'number' && typeof after === 'string') return { version, after };
  } catch {
    // Falls through to the one refusal that every bad token gets.
  }
  throw badRequest('continue key is not valid: it was not made by this server');
}
