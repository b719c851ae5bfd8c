/** Everything that is wrong with an object, in the order and words of kube-apiserver. */

import type { StatusCause } from '../../../kube/kube-client.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { KindDefinition } from '../kind.ts';
import { type NameFormat, validateMetadata } from './names.ts';
import { validateValue } from './validate-value.ts';

const NAME_FORMATS: Record<string, NameFormat> = { Namespace: 'dotless', Service: 'dotless' };

/**
 * @param object pruned and defaulted
 * @param old what is stored, on an update: immutable fields are compared with it
 */
export function validateObject(kind: KindDefinition, object: KubeObject, old?: KubeObject): StatusCause[] {
  const builtIn = kind.rules !== undefined;
  const format = (builtIn ? NAME_FORMATS[kind.type.kind] : undefined) ?? 'subdomain';
  const metadata = validateMetadata(object, format);
  if (builtIn) return [...metadata, ...(kind.rules?.validate(object, old) ?? [])];
  return [...metadata, ...validateValue(withoutMetadata(object), kind.schema, '')];
}

/** The schema of a CustomResourceDefinition has no say over `metadata` but for its name. */
function withoutMetadata({ metadata, ...rest }: KubeObject): unknown {
  return { ...rest, metadata: { name: metadata.name } };
}
