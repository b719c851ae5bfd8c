/** The `scale` of an object: an `autoscaling/v1` Scale over the paths that its kind names. */

import type { KubeObject } from '../../../lib/resource.ts';
import { at } from '../builtin/field-access.ts';
import { type ApiFailure, invalid as refused } from '../failure/api-failure.ts';
import type { KindDefinition, ScaleSubresource, Schema } from '../kind.ts';
import { isBuiltIn } from '../kind-registry.ts';
import { invalid } from '../schema/causes.ts';
import { type Facet, withFields } from './facet.ts';

const INT32: Schema = { type: 'integer', format: 'int32' };

/** A kind of its own, so that what is written to a scale is decoded as one; nothing is served under its name. */
export const SCALE_KIND: KindDefinition = {
  type: { group: 'autoscaling', version: 'v1', kind: 'Scale', plural: 'scales', namespaced: true },
  singular: 'scale',
  listKind: 'ScaleList',
  shortNames: [],
  categories: [],
  verbs: ['get', 'patch', 'update'],
  hasStatus: true,
  schema: {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { replicas: INT32 } },
      status: { type: 'object', properties: { replicas: INT32, selector: { type: 'string' } } },
    },
  },
  columns: [],
  strategicMerge: true,
  prunes: true,
  rules: { defaults: () => {}, validate: () => [] },
};

export function scaleFacet(kind: KindDefinition, scale: ScaleSubresource): Facet {
  return {
    read: (whole) => scaleOf(whole, scale),
    write(next, whole) {
      const replicas = at(next, 'spec', 'replicas') ?? 0;
      if (typeof replicas !== 'number' || replicas < 0) throw negative(kind, whole.metadata.name, replicas);
      const changed = withPath(whole, scale.specReplicasPath, replicas) as KubeObject;
      const { uid, resourceVersion } = next.metadata;
      const metadata = withFields(changed.metadata, { resourceVersion, uid });
      return { ...changed, metadata };
    },
    sameKind: false,
  };
}

/** A built-in kind refuses in the name of the Scale, a custom resource in its own. */
function negative(kind: KindDefinition, name: string, replicas: unknown): ApiFailure {
  if (!isBuiltIn(kind)) {
    return refused(kind, name, [invalid('.spec.replicas', replicas, 'should be a non-negative integer')]);
  }
  return refused(SCALE_KIND, name, [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')]);
}

function scaleOf(whole: KubeObject, scale: ScaleSubresource): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = whole.metadata;
  const selector = scale.labelSelectorPath === undefined ? undefined : at(whole, ...scale.labelSelectorPath);
  const replicas = at(whole, ...scale.specReplicasPath);
  const text = selectorText(selector);
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: withFields({ name }, { namespace, uid, resourceVersion, creationTimestamp }) as KubeObject['metadata'],
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

function withPath(fields: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  const own = typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {};
  return { ...own, [first]: withPath(own[first], rest, value) };
}
