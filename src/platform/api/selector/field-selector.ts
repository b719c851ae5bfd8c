/** Field selectors of list and watch: `metadata.name=a,status.phase!=Running`. Values may escape `,`, `=` and `\` with `\`. */

import type { KubeObject } from '../../../lib/resource.ts';
import { at } from '../builtin/field-access.ts';
import { SelectorError } from './selector-error.ts';

export type FieldMatcher = (object: KubeObject) => boolean;

const EVERY_KIND = ['metadata.name', 'metadata.namespace'];
const REGARDING = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/** What else may be selected, by `apiVersion/kind`: the same fields as the real server. */
const SELECTABLE: Record<string, readonly string[]> = {
  'v1/Pod': [
    ...['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'spec.hostNetwork'],
    ...['status.phase', 'status.podIP', 'status.podIPs', 'status.nominatedNodeName'],
  ],
  'v1/Event': [...REGARDING.map((name) => `involvedObject.${name}`), 'reason', 'reportingComponent', 'source', 'type'],
  'events.k8s.io/v1/Event': [
    ...REGARDING.map((name) => `regarding.${name}`),
    ...['reason', 'reportingController', 'type'],
  ],
  'v1/Namespace': ['status.phase', 'name'],
  'v1/Node': ['spec.unschedulable'],
  'v1/Secret': ['type'],
  'v1/Service': ['spec.clusterIP', 'spec.type'],
  'apps/v1/ReplicaSet': ['status.replicas'],
};
const ONLY_METADATA = 'is not a known field selector: only "metadata.name", "metadata.namespace"';

/**
 * @param builtInId `v1/Pod`, which says what may be selected by; absent for custom resources, which have their metadata only
 * @throws SelectorError
 */
export function parseFieldSelector(text: string, builtInId?: string): FieldMatcher {
  const terms = splitTerms(text).map((term) => termOf(term));
  for (const { path } of terms) {
    const own = builtInId === undefined ? [] : SELECTABLE[builtInId];
    if (EVERY_KIND.includes(path) || own?.includes(path)) continue;
    throw new SelectorError(own === undefined ? `"${path}" ${ONLY_METADATA}` : `field label not supported: ${path}`);
  }
  return (object) => terms.every(({ path, equal, value }) => (valueAt(object, path) === value) === equal);
}

type Term = { path: string; equal: boolean; value: string };

function splitTerms(text: string): string[] {
  const terms = [...text.matchAll(/(?:\\.|[^,\\])+/g)].map(([term]) => term);
  return terms.filter((term) => term !== '');
}

function termOf(term: string): Term {
  const parts = /^((?:\\.|[^=!\\])*?)(!=|==|=)(.*)$/s.exec(term);
  if (parts === null) throw new SelectorError(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, path = '', operator, value = ''] = parts;
  if (/[^\\]=|^=/.test(value)) throw new SelectorError(`invalid field selector: unescaped = in value: ${value}`);
  return { path, equal: operator !== '!=', value: value.replace(/\\([\\,=])/g, '$1') };
}

function valueAt(object: KubeObject, path: string): string {
  if (path === 'name' && object.kind === 'Namespace') return object.metadata.name;
  if (path === 'source') return String(at(object, 'source', 'component') ?? '');
  const found = at(object, ...path.split('.'));
  if (found === undefined || found === null) return path === 'spec.unschedulable' ? 'false' : '';
  return String(found);
}
