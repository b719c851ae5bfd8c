/**
 * A watch: newline-delimited JSON, one event per change, flushed at once. What lies between the client's version and now is
 * read from the log in the same turn in which the watch subscribes, so that nothing falls in between.
 */

import type { ServerResponse } from 'node:http';
import { apiVersionOf } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { expired, invalidOption } from '../failure/api-failure.ts';
import { JSON_TYPE, type Reply } from '../http/reply.ts';
import { type ApiRequest, isTrue } from '../request/api-request.ts';
import { forbidden, notSupported } from '../schema/causes.ts';
import { type Change, objectIn, resourceIdOf, type StoredObject, textIn } from '../store/stored-object.ts';
import { integerOf, versionOf } from './list-options.ts';
import { partialMetadata, tableOf } from './present.ts';
import { type Selection, selectionOf } from './selection.ts';
import { seenAs } from './watch-selection.ts';

/** As kube-apiserver: bookmarks about once a minute, and watches of 30 to 60 minutes when the client names no time. */
const BOOKMARK_EVERY_MS = 60_000;
const DEFAULT_WATCH_MS = 1_800_000;
/** A client that reads slower than the world changes is cut off; it lists anew. */
const UNSENT_BYTES_MAX = 16 * 1024 * 1024;

type Plan = {
  selection: Selection;
  /** Absent: begin with the current objects as ADDED events. */
  since?: number;
  bookmarks: boolean;
  endOfInitialEvents: boolean;
  timeoutMs: number;
};

/** @throws ApiFailure 400 or 422 for options that contradict each other, before the stream begins */
export function watch(context: ApiContext, request: ApiRequest): Reply {
  const plan = planOf(context, request);
  return { kind: 'stream', write: (response) => stream(context, { request, plan, response }) };
}

function planOf({ random }: ApiContext, request: ApiRequest): Plan {
  const { query } = request;
  const initial = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  assertMatch(initial, match);
  const version = versionOf(query.get('resourceVersion'));
  const wantsInitial = initial === null ? version === undefined || version === 0 : isTrue(initial);
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  const timeoutSeconds = integerOf(query, 'timeoutSeconds') ?? 0;
  return {
    selection: selectionOf(request),
    ...(wantsInitial || version === undefined ? {} : { since: version }),
    bookmarks,
    endOfInitialEvents: bookmarks && isTrue(initial),
    timeoutMs: timeoutSeconds > 0 ? timeoutSeconds * 1_000 : DEFAULT_WATCH_MS * (1 + random()),
  };
}

function assertMatch(initial: string | null, match: string): void {
  const field = 'resourceVersionMatch';
  if (initial === null && match !== '') {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    const unknown = match === 'NotOlderThan' ? [] : [notSupported(field, match, ['NotOlderThan'])];
    throw invalidOption('GET', forbidden(field, why), ...unknown);
  }
  if (initial !== null && match !== 'NotOlderThan') {
    const why = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    throw invalidOption('GET', forbidden(field, why));
  }
}

type Stream = { request: ApiRequest; plan: Plan; response: ServerResponse };

function stream(context: ApiContext, { request, plan, response }: Stream): void {
  // Who went away while the request was read will not be heard of again.
  if (response.destroyed) return;
  const { store, clock } = context;
  const resource = resourceIdOf(request.kind.type);
  const format = eventFormatter(context, request);
  response.writeHead(200, { 'content-type': JSON_TYPE, 'cache-control': 'no-cache, private' });
  response.flushHeaders();

  const matches = (stored: StoredObject) => plan.selection.matches(objectIn(stored, request.kind.type));
  let unsentMax = Number.POSITIVE_INFINITY;
  const send = (change: Change) => {
    if (change.current.resource !== resource) return;
    const seen = seenAs(change, matches);
    if (seen !== undefined) response.write(format(seen.type, seen.stored));
    if (response.writableLength > unsentMax) cutOff();
  };
  const bookmark = () => response.write(format.bookmark(store.version, {}));
  let cancelBookmark = () => {};
  const bookmarkLater = () => {
    cancelBookmark = clock.after(BOOKMARK_EVERY_MS, () => {
      bookmark();
      bookmarkLater();
    });
  };

  if (!begin(context, { plan, resource, response, matches, send, format })) return;
  // What the beginning of the watch is made of may be as large as it is.
  unsentMax = response.writableLength + UNSENT_BYTES_MAX;
  const unsubscribe = store.subscribe(send);
  if (plan.bookmarks) bookmarkLater();
  const cancelTimeout = clock.after(plan.timeoutMs, () => {
    if (plan.bookmarks) bookmark();
    end();
  });
  const release = () => {
    unsubscribe();
    cancelBookmark();
    cancelTimeout();
  };
  /** Its connection goes with it: what is unsent would stay in memory for as long as the client does not read. */
  function cutOff(): void {
    release();
    response.destroy();
  }
  function end(): void {
    release();
    response.end();
  }
  response.on('close', release);
}

type Format = ReturnType<typeof eventFormatter>;

type Beginning = {
  plan: Plan;
  resource: string;
  response: ServerResponse;
  matches: (stored: StoredObject) => boolean;
  send: (change: Change) => void;
  format: Format;
};

/** What comes before the live changes; `false` when the client's version is too old to go on from. */
function begin({ store }: ApiContext, { plan, resource, response, matches, send, format }: Beginning): boolean {
  if (plan.since === undefined) {
    for (const stored of store.list(resource)) {
      if (matches(stored)) response.write(format('ADDED', stored));
    }
    if (plan.endOfInitialEvents) {
      response.write(format.bookmark(store.version, { 'k8s.io/initial-events-end': 'true' }));
    }
    return true;
  }
  if (plan.since < store.floor || plan.since > store.version) {
    const failure = expired(`too old resource version: ${plan.since} (${store.floor})`);
    response.end(`${JSON.stringify({ type: 'ERROR', object: failure.toStatus() })}\n`);
    return false;
  }
  for (const change of store.since(resource, plan.since)) send(change);
  return true;
}

/** Events in the form that was asked for. Objects are sent as the text that was stored, so that each is written once. */
function eventFormatter(context: ApiContext, { kind, representation, query }: ApiRequest) {
  let withColumns = true;
  const bodyOf = (stored: StoredObject): string => {
    if (representation.form === 'object') return textIn(stored, kind.type);
    const object = objectIn(stored, kind.type);
    if (representation.form === 'metadata') return JSON.stringify(partialMetadata(object));
    const table = tableOf(context, kind, [object], { query, resourceVersion: `${stored.version}`, withColumns });
    withColumns = false;
    return JSON.stringify(table);
  };
  const format = (type: string, stored: StoredObject) => `{"type":"${type}","object":${bodyOf(stored)}}\n`;
  const bookmark = (version: number, annotations: Record<string, string>) => {
    const metadata = {
      resourceVersion: `${version}`,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    };
    const object = bookmarkBody(metadata);
    return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
  };
  /** Bookmarks take the form of the other events, so that clients decode them alike. */
  function bookmarkBody(metadata: { resourceVersion: string; annotations?: Record<string, string> }): object {
    const object = { kind: kind.type.kind, apiVersion: apiVersionOf(kind.type), metadata };
    switch (representation.form) {
      case 'object':
        return object;
      case 'metadata':
        return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
      case 'table': {
        const row = { cells: [], object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata } };
        const columns = withColumns ? [] : null;
        return {
          kind: 'Table',
          apiVersion: 'meta.k8s.io/v1',
          metadata: { resourceVersion: metadata.resourceVersion },
          columnDefinitions: columns,
          rows: [row],
        };
      }
      default:
        return representation.form satisfies never;
    }
  }
  return Object.assign(format, { bookmark });
}
