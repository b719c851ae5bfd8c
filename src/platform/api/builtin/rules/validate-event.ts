/** Validation of Event: it lives where the object does that it is about. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import type { KubeObject } from '../../../../lib/resource.ts';
import { invalid } from '../../schema/causes.ts';
import { textAt } from '../field-access.ts';

/** Where events about objects without a namespace may be. */
const FOR_CLUSTER_OBJECTS = ['default', 'kube-system'];

export function validateEvent(event: KubeObject): StatusCause[] {
  const about = textAt(event, 'involvedObject', 'namespace') ?? '';
  const { namespace = '' } = event.metadata;
  const fits = about === '' ? FOR_CLUSTER_OBJECTS.includes(namespace) : about === namespace;
  return fits ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
}
