/** `exportTo` of Istio's resources (istio.md 2.6): who may see one. Everybody (`*`), nobody (`~`), or namespaces, `.` being one's own. */

import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';

type Exported = {
  exportTo?: readonly string[] | undefined;
  /** Of the resource: what `.` stands for. */
  namespace: string;
};

/** `~`, for no one, is an answer of ServiceEntries only; Istio refuses it elsewhere. */
export function validateExportTo({ exportTo = [], namespace }: Exported, kind: string): Issue[] {
  const meant = exportTo.map((entry) => (entry === '.' ? namespace : entry));
  const issue = (index: number, message: string): Issue => ({ path: `spec.exportTo[${index}]`, message });
  return exportTo.flatMap((entry, index) => {
    if (entry === '~' && kind !== 'ServiceEntry') return [issue(index, 'must not be ~, which is for ServiceEntries')];
    if ((entry === '*' || entry === '~') && exportTo.length > 1)
      return [issue(index, `must stand alone: got ${entry}`)];
    if (!['*', '~', '.'].includes(entry) && !isDnsLabel(entry)) {
      return [issue(index, `must be a namespace, . or *: got ${entry}`)];
    }
    return meant.indexOf(meant[index] ?? '') === index
      ? []
      : [issue(index, `must not repeat a namespace: got ${entry}`)];
  });
}

/** A rule for chosen workloads belongs to its namespace: Istio lets no other one see it. */
export function validateOwnNamespace({ exportTo = [], namespace }: Exported): Issue[] {
  return exportTo.flatMap((entry, index) =>
    entry === '.' || entry === namespace
      ? []
      : [{ path: `spec.exportTo[${index}]`, message: `must be . beside a workloadSelector: got ${entry}` }],
  );
}
