/** What the strict reader says of a spec, in a word: the verdict that Istio's validation has on it, too. */

import { readResources } from '../../../../src/mesh/read-resources.ts';

export type Verdict = 'good' | 'warned' | 'refused';

/** Rows by sentence. */
export type Rules = Readonly<Record<string, readonly [spec: object, verdict: Verdict]>>;

export function judged(kind: string, spec: object, metadata: object = {}): Verdict {
  const object = {
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { name: 'tested', namespace: 'default', ...metadata },
    spec,
  };
  const { issues } = readResources([object], { strict: true });
  if (issues.some(({ level }) => level === 'error')) return 'refused';
  return issues.length === 0 ? 'good' : 'warned';
}
