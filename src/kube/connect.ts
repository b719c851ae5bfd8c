/** Makes a `KubeClient` from a kubeconfig. client-node reads the configuration; requests go through our own transport. */

import type { Clock } from '../lib/clock.ts';
import { apiVersionOf, type KubeObject, type ObjectRef, type ResourceType } from '../lib/resource.ts';
import { type KubeconfigChoice, loadCredentials } from './credentials.ts';
import {
  ApiError,
  type KubeClient,
  type ListOptions,
  type ObjectList,
  type PatchStrategy,
  type RawRequest,
  type RawResponse,
  type WriteOptions,
} from './kube-client.ts';
import { describeRef, queryOf, resourcePath } from './resource-path.ts';
import { statusError, unreachableError } from './status-error.ts';
import { createTransport, type OpenedStream, type Transport } from './transport.ts';
import { linesOf, parseWatchLine } from './watch-stream.ts';

export type ConnectOptions = KubeconfigChoice & {
  clock: Clock;
  userAgent: string;
  /** Spreads repeated requests; without it they come back exactly when the server asked for. */
  random?: () => number;
};

const PAGE_SIZE = 500;

const PATCH_TYPES: Record<PatchStrategy, string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/**
 * Reads the kubeconfig; the server itself is asked nothing yet.
 *
 * @throws SL0004 when no server is configured, SL0100 when the kubeconfig cannot be used
 */
export async function connect({ clock, userAgent, random = () => 0, ...choice }: ConnectOptions): Promise<KubeClient> {
  const credentials = await loadCredentials(choice, clock);
  const transport = createTransport({ credentials, userAgent, clock, random });
  return createClient(transport, credentials.target);
}

function createClient(transport: Transport, target: KubeClient['target']): KubeClient {
  const place = (type: ResourceType, { name, namespace }: ObjectRef, subresource?: string) =>
    resourcePath(type, { name, namespace: namespace ?? target.namespace, subresource });
  const ask = async (request: RawRequest, doing: string): Promise<RawResponse> => {
    const answer = await transport.send(request);
    if (400 <= answer.status) throw statusError(answer, doing);
    return answer;
  };
  const write = async <T>(request: RawRequest, doing: string): Promise<T> =>
    parseAnswer<T>(await ask(request, doing), doing);

  return {
    target,
    async get(type, ref) {
      try {
        return await write({ method: 'GET', path: place(type, ref) }, `Reading ${describeRef(type, ref)}`);
      } catch (thrown) {
        if (thrown instanceof ApiError && thrown.status === 404) return undefined;
        throw thrown;
      }
    },
    list: (type, options = {}) => listPages(type, options, ask),
    create(type, object, options = {}) {
      const { subresource } = options;
      // The name of a created object stands in its body; only subresources (binding, eviction) are addressed by name.
      const path =
        subresource === undefined
          ? resourcePath(type, { namespace: object.metadata.namespace ?? target.namespace })
          : place(type, object.metadata, subresource);
      const name = object.metadata.name ?? object.metadata.generateName;
      const doing = `Creating ${describeRef(type, { ...object.metadata, name })}`;
      return write({ method: 'POST', path: path + writeQuery(options), body: object }, doing);
    },
    replace(type, object, options = {}) {
      const path = place(type, object.metadata, options.subresource) + writeQuery(options);
      return write({ method: 'PUT', path, body: object }, `Updating ${describeRef(type, object.metadata)}`);
    },
    patch(type, ref, patch, { strategy, force, ...options }) {
      const path = place(type, ref, options.subresource) + writeQuery({ ...options, ...(force ? { force } : {}) });
      const headers = { 'content-type': PATCH_TYPES[strategy] };
      return write({ method: 'PATCH', path, body: patch, headers }, `Patching ${describeRef(type, ref)}`);
    },
    async delete(type, ref, options = {}) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options };
      const answer = await transport.send({ method: 'DELETE', path: place(type, ref), body });
      if (400 <= answer.status && answer.status !== 404)
        throw statusError(answer, `Deleting ${describeRef(type, ref)}`);
    },
    async *watch(type, { signal, resourceVersion, timeoutSeconds, namespace, labelSelector, fieldSelector }) {
      const query = queryOf({
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion,
        timeoutSeconds,
        labelSelector,
        fieldSelector,
      });
      const path = resourcePath(type, { namespace }) + query;
      for await (const line of linesOf(openBody(transport, path, { signal, doing: `Watching ${type.kind}`, target }))) {
        const event = parseWatchLine<never>(line);
        if (event !== undefined) yield event;
      }
    },
    raw: (request) => transport.send(request),
    stream: (path, signal) => openBody(transport, path, { signal, doing: 'Reading', target }),
    close: () => transport.close(),
  };
}

type Ask = (request: RawRequest, doing: string) => Promise<RawResponse>;

/** All pages of a list. A continue token that has expired on the way (410) is followed by one list without pages. */
async function listPages<T extends KubeObject>(
  type: ResourceType,
  options: ListOptions,
  ask: Ask,
): Promise<ObjectList<T>> {
  const { namespace, labelSelector, fieldSelector, pageSize = PAGE_SIZE } = options;
  const doing = `Listing ${type.kind}`;
  const items: T[] = [];
  let next: string | undefined;
  for (;;) {
    const query = queryOf({ labelSelector, fieldSelector, limit: pageSize || undefined, continue: next });
    let answer: RawResponse;
    try {
      answer = await ask({ method: 'GET', path: resourcePath(type, { namespace }) + query }, doing);
    } catch (thrown) {
      if (next === undefined || !(thrown instanceof ApiError && thrown.status === 410)) throw thrown;
      return listPages(type, { ...options, pageSize: 0 }, ask);
    }
    const page = parseAnswer<{ items?: T[] | null; metadata: { continue?: string; resourceVersion?: string } }>(
      answer,
      doing,
    );
    for (const item of page.items ?? []) items.push(named(type, item));
    next = page.metadata.continue || undefined;
    if (next === undefined) return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
  }
}

/** Lists of built-in kinds leave apiVersion and kind out of their items. */
function named<T extends KubeObject>(type: ResourceType, item: T): T {
  return item.kind === undefined ? { ...item, apiVersion: apiVersionOf(type), kind: type.kind } : item;
}

async function* openBody(
  transport: Transport,
  path: string,
  { signal, doing, target }: { signal: AbortSignal; doing: string; target: KubeClient['target'] },
): AsyncGenerator<Uint8Array> {
  const opened = await transport.open(path, signal);
  if (400 <= opened.status) throw statusError({ ...opened, text: await textOf(opened) }, doing);
  try {
    yield* opened.body;
  } catch (thrown) {
    throw signal.aborted ? signal.reason : unreachableError(target.server, thrown);
  }
}

async function textOf({ body }: OpenedStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function writeQuery({ fieldManager, dryRun, force }: WriteOptions & { force?: boolean }): string {
  return queryOf({ fieldManager, dryRun: dryRun ? 'All' : undefined, force });
}

function parseAnswer<T>({ status, text }: RawResponse, doing: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (thrown) {
    const message = `${doing}: the answer should be JSON: got ${text.slice(0, 100)}`;
    throw new ApiError(message, { status, reason: 'Unreadable', cause: thrown });
  }
}
