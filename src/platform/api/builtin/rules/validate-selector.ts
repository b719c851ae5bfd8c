/** A workload's label selector: well-formed, not empty, and matching the labels of its own template. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import { forbidden, invalid, required } from '../../schema/causes.ts';
import { labelValueFaults, qualifiedNameFaults } from '../../schema/names.ts';
import { type Fields, fieldsAt, isFields, listAt } from '../field-access.ts';

/** @param kindName as it stands in the message: `deployment` */
export function validateWorkloadSelector(spec: Fields, kindName: string): StatusCause[] {
  const { selector } = spec;
  if (!isFields(selector)) return [required('spec.selector')];
  const causes = validateLabelSelector(selector, 'spec.selector');
  const empty =
    Object.keys(fieldsAt(selector, 'matchLabels')).length + listAt(selector, 'matchExpressions').length === 0;
  if (empty) causes.push(invalid('spec.selector', {}, `empty selector is invalid for ${kindName}`));
  return causes;
}

/** `selector` has to match the template; a selector with faults is not compared. */
export function validateTemplateMatches(spec: Fields): StatusCause[] {
  const { selector } = spec;
  const labels = fieldsAt(spec, 'template', 'metadata').labels;
  if (isFields(selector) && validateLabelSelector(selector, '').length > 0) return [];
  const matches =
    isFields(selector) && Object.keys(selector).length > 0 && selects(selector, isFields(labels) ? labels : {});
  if (matches || (isFields(selector) && Object.keys(selector).length === 0)) return [];
  const found = isFields(labels) ? labels : null;
  return [invalid('spec.template.metadata.labels', found, '`selector` does not match template `labels`')];
}

export function validateLabelSelector(selector: Fields, path: string): StatusCause[] {
  const labels = Object.entries(fieldsAt(selector, 'matchLabels')).flatMap(([key, value]) => [
    ...qualifiedNameFaults(key).map((fault) => invalid(`${path}.matchLabels`, key, fault)),
    ...labelValueFaults(String(value)).map((fault) => invalid(`${path}.matchLabels`, value, fault)),
  ]);
  return [
    ...labels,
    ...listAt(selector, 'matchExpressions').flatMap((expression, index) =>
      validateExpression(expression, `${path}.matchExpressions[${index}]`),
    ),
  ];
}

function validateExpression({ key, operator, values }: Fields, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const given = Array.isArray(values) && values.length > 0;
  if (operator === 'In' || operator === 'NotIn') {
    if (!given) causes.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (given)
      causes.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else causes.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  return [
    ...causes,
    ...qualifiedNameFaults(String(key ?? '')).map((fault) => invalid(`${path}.key`, key ?? '', fault)),
  ];
}

function selects(selector: Fields, labels: Fields): boolean {
  const equal = Object.entries(fieldsAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value);
  return equal && listAt(selector, 'matchExpressions').every((expression) => selectsBy(expression, labels));
}

function selectsBy({ key, operator, values }: Fields, labels: Fields): boolean {
  const found = labels[String(key)];
  const listed = Array.isArray(values) && values.includes(found);
  if (operator === 'In') return listed;
  if (operator === 'NotIn') return !listed;
  return (found !== undefined) === (operator === 'Exists');
}
