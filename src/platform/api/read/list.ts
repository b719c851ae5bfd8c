/** Lists of objects, whole or by pages; all pages of a list show the same instant. */

import { objectKey } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { expired } from '../failure/api-failure.ts';
import { jsonReply, type Reply, textReply } from '../http/reply.ts';
import type { ApiRequest } from '../request/api-request.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { objectIn, resourceIdOf, type StoredObject, textIn } from '../store/stored-object.ts';
import { formatCursor, listOptionsOf } from './list-options.ts';
import { listText, partialMetadata, tableOf } from './present.ts';
import { selectionOf } from './selection.ts';

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

function pageOf({ store }: ApiContext, request: ApiRequest): Page {
  const { kind, query, target } = request;
  const { limit, cursor, exactly } = listOptionsOf(query, store.version);
  const version = cursor?.version ?? exactly ?? store.version;
  assertKnown(store, { version, continued: cursor !== undefined });
  const selection = selectionOf(request);
  const all = store
    .listAt(resourceIdOf(kind.type), {
      version,
      ...(target.namespace === undefined ? {} : { namespace: target.namespace }),
    })
    .filter((stored) => selection.matches(objectIn(stored, kind.type)))
    .filter(({ object }) => cursor === undefined || objectKey(object.metadata) > cursor.after);
  const items = limit > 0 ? all.slice(0, limit) : all;
  const last = items.at(-1);
  if (items.length === all.length || last === undefined) return { items, version };
  const continueToken = formatCursor({ version, after: objectKey(last.object.metadata) });
  return { items, version, continueToken, ...(selection.selective ? {} : { remaining: all.length - items.length }) };
}

function assertKnown(store: ObjectStore, { version, continued }: { version: number; continued: boolean }): void {
  // A token may come from a store that was thrown away since.
  if (version >= store.floor && version <= store.version) return;
  const what = continued
    ? 'The provided continue parameter is too old to display a consistent list result.'
    : 'The resourceVersion for the provided list is too old.';
  throw expired(what);
}
