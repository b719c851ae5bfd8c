/** Label selectors as workloads carry them (`matchLabels`, `matchExpressions`). Pure. */

import type { LabelSelector } from './workload-objects.ts';

/**
 * Whether `labels` satisfy every requirement. An empty or absent selector matches nothing here: a workload that owned every
 * pod of its namespace would be a disaster, and the API server refuses such workloads anyway.
 */
export function selectorMatches(selector: LabelSelector | undefined, labels: Record<string, string> = {}): boolean {
  const equalities = Object.entries(selector?.matchLabels ?? {});
  const expressions = selector?.matchExpressions ?? [];
  if (equalities.length === 0 && expressions.length === 0) return false;
  return (
    equalities.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
    expressions.every((expression) => expressionMatches(expression, labels))
  );
}

function expressionMatches(
  { key, operator, values = [] }: NonNullable<LabelSelector['matchExpressions']>[number],
  labels: Record<string, string>,
): boolean {
  const found = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return found !== undefined && values.includes(found);
    case 'NotIn':
      return found === undefined || !values.includes(found);
    case 'Exists':
      return found !== undefined;
    case 'DoesNotExist':
      return found === undefined;
    default:
      return false;
  }
}
