/** A client that writes only while a term of leadership lasts: what is under way when the lease is lost must not act any more. */

import type { KubeClient } from '../kube/kube-client.ts';

/** Reading stays possible; writes reject with the signal's reason once it is aborted. */
export function termClient(client: KubeClient, term: AbortSignal): KubeClient {
  const write = async <T>(send: () => Promise<T>): Promise<T> => {
    term.throwIfAborted();
    return send();
  };
  return {
    target: client.target,
    get: (type, ref) => client.get(type, ref),
    list: (type, options) => client.list(type, options),
    watch: (type, options) => client.watch(type, options),
    stream: (path, signal) => client.stream(path, signal),
    raw: (request) => (request.method === 'GET' ? client.raw(request) : write(() => client.raw(request))),
    create: (type, object, options) => write(() => client.create(type, object, options)),
    replace: (type, object, options) => write(() => client.replace(type, object, options)),
    patch: (type, ref, patch, options) => write(() => client.patch(type, ref, patch, options)),
    delete: (type, ref, options) => write(() => client.delete(type, ref, options)),
    close: () => client.close(),
  };
}
