/**
 * The parts of an object that are addressed on their own: the object itself, its `status`, its `scale`. Each is read from
 * the whole and written back into it, so that PUT and every kind of PATCH are written once.
 */

import type { KubeObject } from '../../../lib/resource.ts';
import { at } from '../builtin/field-access.ts';
import { invalidScale } from '../failure/api-failure.ts';
import type { KindDefinition, ScaleSubresource } from '../kind.ts';
import { isBuiltIn } from '../kind-registry.ts';

export type Facet = {
  read: (whole: KubeObject) => KubeObject;
  /** The whole with the facet replaced by `next`; server-written metadata is put right later. */
  write: (next: KubeObject, whole: KubeObject) => KubeObject;
  /** The facet is an object of the same kind, with the same schema. */
  sameKind: boolean;
};

/** Status, and anything not named in it, belongs to somebody else. */
export const mainFacet = (kind: KindDefinition): Facet => ({
  read: (whole) => whole,
  write: (next, whole) => (kind.hasStatus ? withFields(next, { status: whole.status }) : next),
  sameKind: true,
});

/** Built-in kinds also take annotations along, as the kubelet of a real cluster relies on. */
export const statusFacet = (kind: KindDefinition): Facet => ({
  read: (whole) => whole,
  write(next, whole) {
    const { uid, resourceVersion, managedFields } = next.metadata;
    const annotations = isBuiltIn(kind) ? next.metadata.annotations : whole.metadata.annotations;
    const metadata = withFields(whole.metadata, { annotations, resourceVersion, uid, managedFields });
    return { ...withFields(whole, { status: next.status }), metadata };
  },
  sameKind: true,
});

/** `autoscaling/v1` Scale over the paths that the kind names. */
export function scaleFacet(scale: ScaleSubresource): Facet {
  return {
    read: (whole) => scaleOf(whole, scale),
    write(next, whole) {
      const replicas = at(next, 'spec', 'replicas') ?? 0;
      if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
        const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
        throw invalidScale(whole.metadata.name, { reason: 'FieldValueInvalid', message, field: 'spec.replicas' });
      }
      const changed = withPath(whole, scale.specReplicasPath, replicas) as KubeObject;
      const { uid, resourceVersion } = next.metadata;
      const metadata = withFields(changed.metadata, { resourceVersion, uid });
      return { ...changed, metadata };
    },
    sameKind: false,
  };
}

function scaleOf(whole: KubeObject, scale: ScaleSubresource): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = whole.metadata;
  const selector = scale.labelSelectorPath === undefined ? undefined : at(whole, ...scale.labelSelectorPath);
  const replicas = at(whole, ...scale.specReplicasPath);
  const text = selectorText(selector);
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: replicas === undefined ? {} : { replicas },
    status: { replicas: at(whole, ...scale.statusReplicasPath) ?? 0, ...(text === '' ? {} : { selector: text }) },
  };
}

/** A selector in the text form that autoscalers pass on as a query. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  const labels = Object.entries((at(selector, 'matchLabels') ?? {}) as Record<string, string>);
  return labels
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** `fields` with others in their place; `undefined` removes one. */
function withFields<T extends object>(fields: T, changes: Record<string, unknown>): T {
  const merged = Object.entries({ ...fields, ...changes });
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined)) as T;
}

function withPath(fields: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  const own = typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {};
  return { ...own, [first]: withPath(own[first], rest, value) };
}
