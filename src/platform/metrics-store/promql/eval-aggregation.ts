/** Aggregations over the elements of an instant vector. */

import { dropLabels, keepLabels, keyOf, type Labels, METRIC_NAME, withLabel } from '../labels.ts';
import type { Aggregation } from './ast.ts';
import type { EvalContext } from './eval-context.ts';
import { elementsOf, evaluate, numberOf, stringOf } from './evaluate.ts';
import { formatFloat } from './format-float.ts';
import { executionError } from './promql-error.ts';
import { quantileOf } from './quantile.ts';
import { kahanSum, maximum, minimum, variance } from './statistics.ts';
import { type Element, type Value, vectorOf } from './value.ts';

type Group = { labels: Labels; elements: Element[] };

export function evalAggregation(aggregation: Aggregation, context: EvalContext): Value {
  const { operator, param, expr } = aggregation;
  const parameter = param === undefined ? undefined : evaluate(param, context);
  const elements = elementsOf(evaluate(expr, context));
  if (operator === 'count_values' && parameter !== undefined) {
    return vectorOf(countValues(groupsOf(aggregation, elements), stringOf(parameter)));
  }
  const groups = groupsOf(aggregation, elements);
  const number = parameter === undefined ? Number.NaN : numberOf(parameter);
  if (operator === 'topk' || operator === 'bottomk') {
    const sign = operator === 'topk' ? -1 : 1;
    return vectorOf(groups.flatMap((group) => outermost(group.elements, number, sign)));
  }
  return vectorOf(
    groups.map(({ labels, elements: members }) => ({
      labels,
      value: reduce(
        operator,
        members.map(({ value }) => value),
        number,
      ),
    })),
  );
}

function groupsOf({ grouping, without }: Aggregation, elements: readonly Element[]): Group[] {
  const names = new Set(without ? [METRIC_NAME, ...grouping] : grouping);
  const groups = new Map<string, Group>();
  for (const element of elements) {
    const labels = without ? dropLabels(element.labels, names) : keepLabels(element.labels, names);
    const key = keyOf(labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels, elements: [element] });
    else group.elements.push(element);
  }
  return [...groups.values()];
}

function reduce(operator: string, values: readonly number[], parameter: number): number {
  switch (operator) {
    case 'sum':
      return kahanSum(values);
    case 'avg':
      return kahanSum(values) / values.length;
    case 'min':
      return minimum(values);
    case 'max':
      return maximum(values);
    case 'count':
      return values.length;
    case 'group':
      return 1;
    case 'stdvar':
      return variance(values);
    case 'stddev':
      return Math.sqrt(variance(values));
    case 'quantile':
      return quantileOf(parameter, values);
    default:
      throw executionError(`unknown aggregation ${operator}`);
  }
}

/** The k smallest (sign 1) or largest (sign -1) elements with their own labels; NaN comes last either way. */
function outermost(elements: readonly Element[], k: number, sign: 1 | -1): Element[] {
  if (!(k >= 1)) return [];
  const order = (a: Element, b: Element) => {
    if (Number.isNaN(a.value) || Number.isNaN(b.value))
      return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
    return a.value === b.value ? 0 : sign * (a.value < b.value ? -1 : 1);
  };
  return elements.toSorted(order).slice(0, Math.trunc(k));
}

function countValues(groups: readonly Group[], label: string): Element[] {
  if (!/^[A-Za-z_]\w*$/.test(label)) throw executionError(`invalid label name ${JSON.stringify(label)}`);
  return groups.flatMap(({ labels, elements }) => {
    const counts = new Map<string, number>();
    for (const { value } of elements) counts.set(formatFloat(value), (counts.get(formatFloat(value)) ?? 0) + 1);
    return [...counts].map(([text, value]) => ({ labels: withLabel(labels, label, text), value }));
  });
}
