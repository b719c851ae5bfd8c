/** Which objects a list or a watch is about: a namespace, a name, labels and fields. */

import { messageOf } from '../../../lib/errors.ts';
import { apiVersionOf, type KubeObject } from '../../../lib/resource.ts';
import { badRequest } from '../failure/api-failure.ts';
import { isBuiltIn } from '../kind-registry.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { parseFieldSelector } from '../selector/field-selector.ts';
import { parseLabelSelector } from '../selector/label-selector.ts';

export type Selection = {
  matches: (object: KubeObject) => boolean;
  /** Whether anything but the namespace narrows it; the count of what remains is then unknown. */
  selective: boolean;
};

/** @throws ApiFailure 400 for a selector that does not parse */
export function selectionOf({ kind, query, target }: Pick<ApiRequest, 'kind' | 'query' | 'target'>): Selection {
  const labelText = query.get('labelSelector') ?? '';
  const fieldText = query.get('fieldSelector') ?? '';
  const builtInId = isBuiltIn(kind) ? `${apiVersionOf(kind.type)}/${kind.type.kind}` : undefined;
  const byLabels = labelText === '' ? undefined : parsed(() => parseLabelSelector(labelText));
  const byFields = fieldText === '' ? undefined : parsed(() => parseFieldSelector(fieldText, builtInId));
  const { namespace, name } = target;
  return {
    selective: byLabels !== undefined || byFields !== undefined || name !== undefined,
    matches: (object) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      (name === undefined || object.metadata.name === name) &&
      (byLabels === undefined || byLabels(object.metadata.labels ?? {})) &&
      (byFields === undefined || byFields(object)),
  };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    throw badRequest(messageOf(thrown));
  }
}
