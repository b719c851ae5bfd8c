/** Keeps the served kinds in step with the CustomResourceDefinitions in the store, from the first request after their change. */

import type { ApiContext } from '../api-context.ts';

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

export function serveDefinitions({ store, kinds }: ApiContext): void {
  for (const { object } of store.list(CRDS)) kinds.define(object);
  store.subscribe(({ type, current }) => {
    if (current.resource !== CRDS) return;
    if (type === 'DELETED') kinds.forget(current.object.metadata.name);
    else kinds.define(current.object);
  });
}
