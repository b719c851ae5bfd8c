/** Just enough of an API server for discovery: lists, watches and status patches over real sockets. */

import type { ServerResponse } from 'node:http';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { failure, json, scriptedApiServer } from '../support/scripted-api-server.ts';

export type SmallApiServer = {
  client: KubeClient;
  /** Creates or replaces an object of `plural`. */
  put(plural: string, object: KubeObject): void;
  remove(plural: string, namespace: string, name: string): void;
  /** Resolves with the next status patch that nobody has taken yet. */
  nextPatch(): Promise<{ path: string; body: unknown }>;
  close(): Promise<void>;
};

/** @param missing plurals that the server does not know */
export async function smallApiServer({ missing = [] }: { missing?: readonly string[] } = {}): Promise<SmallApiServer> {
  const objects = new Map<string, Map<string, KubeObject>>();
  const watches = new Map<string, Set<ServerResponse>>();
  const patches: { path: string; body: unknown }[] = [];
  const takers: ((patch: { path: string; body: unknown }) => void)[] = [];
  let version = 1;

  const of = (plural: string) => objects.get(plural) ?? objects.set(plural, new Map()).get(plural) ?? new Map();
  const watchersOf = (plural: string) => watches.get(plural) ?? watches.set(plural, new Set()).get(plural) ?? new Set();
  const tell = (plural: string, type: string, object: KubeObject) => {
    for (const response of watchersOf(plural)) response.write(`${JSON.stringify({ type, object })}\n`);
  };

  const put = (plural: string, object: KubeObject): void => {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    const type = of(plural).has(key) ? 'MODIFIED' : 'ADDED';
    const stored = { ...object, metadata: { uid: key, ...object.metadata, resourceVersion: String(++version) } };
    of(plural).set(key, stored);
    tell(plural, type, stored);
  };

  const server = await scriptedApiServer(({ method, url, body }, response) => {
    const { pathname, searchParams } = new URL(url, 'https://server');
    const parts = pathname.split('/').slice(pathname.startsWith('/api/') ? 3 : 4);
    const [plural = '', name] = parts[0] === 'namespaces' ? parts.slice(2) : parts;
    if (missing.includes(plural)) return json(response, 404, failure(404, 'NotFound'));
    if (method === 'PATCH') {
      const key = `${parts[1]}/${name}`;
      const object = of(plural).get(key);
      if (object === undefined) return json(response, 404, failure(404, 'NotFound'));
      const patch = { path: pathname, body: JSON.parse(body) };
      put(plural, { ...object, ...patch.body });
      const taker = takers.shift();
      if (taker === undefined) patches.push(patch);
      else taker(patch);
      return json(response, 200, of(plural).get(key));
    }
    if (searchParams.has('watch')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      watchersOf(plural).add(response);
      response.on('close', () => watchersOf(plural).delete(response));
      const since = Number(searchParams.get('resourceVersion'));
      for (const object of of(plural).values()) {
        if (Number(object.metadata.resourceVersion) > since) {
          response.write(`${JSON.stringify({ type: 'MODIFIED', object })}\n`);
        }
      }
      return;
    }
    json(response, 200, {
      kind: 'List',
      metadata: { resourceVersion: String(version) },
      items: [...of(plural).values()],
    });
  });

  return {
    client: await server.client(),
    put,
    remove(plural, namespace, name) {
      const object = of(plural).get(`${namespace}/${name}`);
      if (object === undefined) return;
      of(plural).delete(`${namespace}/${name}`);
      tell(plural, 'DELETED', { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } });
    },
    nextPatch() {
      const patch = patches.shift();
      return patch === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(patch);
    },
    close: () => server.close(),
  };
}
