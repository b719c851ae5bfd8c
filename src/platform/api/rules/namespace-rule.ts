/** A namespace carries its name as a label, and a finalizer that keeps it until it is empty. */

import type { KindRule } from './kind-rule.ts';

export const namespaceRule: KindRule = {
  prepare(object) {
    const { metadata } = object;
    metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
    object.spec = { finalizers: ['kubernetes'] };
    object.status = { phase: 'Active' };
  },
  prepareUpdate(object, old) {
    const { metadata } = object;
    metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
    object.spec = old.spec;
  },
};
