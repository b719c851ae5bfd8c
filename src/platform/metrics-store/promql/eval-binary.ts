/** Binary operators: scalars, a vector with a scalar, and two vectors (Prometheus documentation, "Vector matching"). */

import { dropLabels, dropName, keepLabels, keyOf, type Labels, METRIC_NAME, withLabel } from '../labels.ts';
import { applyOperator } from './arithmetic.ts';
import { type Binary, COMPARISONS, SET_OPERATORS } from './ast.ts';
import type { EvalContext } from './eval-context.ts';
import { elementsOf, evaluate } from './evaluate.ts';
import { executionError } from './promql-error.ts';
import { type Element, scalarOf, type Value, vectorOf } from './value.ts';

export function evalBinary(binary: Binary, context: EvalContext): Value {
  const left = evaluate(binary.left, context);
  const right = evaluate(binary.right, context);
  if (left.kind === 'scalar' && right.kind === 'scalar') {
    return scalarOf(applyOperator(binary.operator, left.value, right.value));
  }
  if (left.kind === 'scalar') return withScalar(binary, elementsOf(right), (value) => [left.value, value]);
  if (right.kind === 'scalar') return withScalar(binary, elementsOf(left), (value) => [value, right.value]);
  const sides = { left: elementsOf(left), right: elementsOf(right) };
  return SET_OPERATORS.has(binary.operator) ? combineSets(binary, sides) : matchVectors(binary, sides);
}

type Sides = { left: readonly Element[]; right: readonly Element[] };

/** A comparison filters and keeps the vector's own value, whichever side the scalar is on. */
function withScalar(
  { operator, bool }: Binary,
  elements: readonly Element[],
  operands: (value: number) => [number, number],
): Value {
  const filters = COMPARISONS.has(operator) && !bool;
  const results = elements.flatMap(({ labels, value }) => {
    const result = applyOperator(operator, ...operands(value));
    if (!filters) return [{ labels: dropName(labels), value: result }];
    return result === 1 ? [{ labels, value }] : [];
  });
  return vectorOf(results);
}

function combineSets(binary: Binary, { left, right }: Sides): Value {
  const signature = signatureBy(binary);
  const signatures = (elements: readonly Element[]) => new Set(elements.map(({ labels }) => signature(labels)));
  const within = (known: Set<string>) => (element: Element) => known.has(signature(element.labels));
  const inRight = within(signatures(right));
  if (binary.operator === 'and') return vectorOf(left.filter(inRight));
  if (binary.operator === 'unless') return vectorOf(left.filter((element) => !inRight(element)));
  const inLeft = within(signatures(left));
  return vectorOf([...left, ...right.filter((element) => !inLeft(element))]);
}

function matchVectors(binary: Binary, sides: Sides): Value {
  const group = binary.matching?.group;
  const [many, one] = group === 'right' ? [sides.right, sides.left] : [sides.left, sides.right];
  const signature = signatureBy(binary);
  const oneBySignature = indexOne(one, signature, group === 'right' ? 'left' : 'right');
  const results: Element[] = [];
  const seen = new Set<string>();
  for (const element of many) {
    const key = signature(element.labels);
    const partner = oneBySignature.get(key);
    if (partner === undefined) continue;
    const [left, right] = group === 'right' ? [partner, element] : [element, partner];
    const outcome = applyOperator(binary.operator, left.value, right.value);
    const filters = COMPARISONS.has(binary.operator) && !binary.bool;
    if (filters && outcome === 0) continue;
    const labels = resultLabels(binary, element.labels, partner.labels);
    const identity = group === undefined ? key : keyOf(labels);
    if (seen.has(identity)) {
      const advice =
        group === undefined
          ? 'many-to-one matching must be explicit (group_left/group_right)'
          : 'grouping labels must ensure unique matches';
      throw executionError(`multiple matches for labels: ${advice}`);
    }
    seen.add(identity);
    results.push({ labels, value: filters ? left.value : outcome });
  }
  return vectorOf(results);
}

function indexOne(one: readonly Element[], signature: (labels: Labels) => string, side: string): Map<string, Element> {
  const index = new Map<string, Element>();
  for (const element of one) {
    const key = signature(element.labels);
    if (index.has(key)) {
      throw executionError(
        `found duplicate series for the match group on the ${side} hand-side of the operation; many-to-many matching not allowed: matching labels must be unique on one side`,
      );
    }
    index.set(key, element);
  }
  return index;
}

function signatureBy({ matching }: Binary): (labels: Labels) => string {
  if (matching?.on) {
    const names = new Set(matching.labels);
    return (labels) => keyOf(keepLabels(labels, names));
  }
  const names = new Set([METRIC_NAME, ...(matching?.labels ?? [])]);
  return (labels) => keyOf(dropLabels(labels, names));
}

function resultLabels({ operator, bool, matching }: Binary, many: Labels, one: Labels): Labels {
  const labels = !COMPARISONS.has(operator) || bool ? dropName(many) : many;
  if (matching === undefined) return labels;
  if (matching.group === undefined) {
    const names = new Set(matching.labels);
    return matching.on ? keepLabels(labels, names) : dropLabels(labels, names);
  }
  return matching.include.reduce((result, name) => withLabel(result, name, one.get(name) ?? ''), labels);
}
