/**
 * The JSONPath of printer columns: `.spec.a`, `['a.b']`, `[0]`, `[-1]`, `[*]`, `.*`, `..name` and `[?(@.type=="Ready")]`.
 * https://kubernetes.io/docs/reference/kubectl/jsonpath/
 */

import { isFields } from '../builtin/field-access.ts';

type Step = (values: readonly unknown[]) => unknown[];

const TOKEN =
  /\.\.([\w-]+)|\.([\w-]+(?:\\\.[\w-]+)*|\*)|\[(-?\d+|\*)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[\?\(\s*@((?:\.[\w-]+)+)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|[^)\s]+)\s*)?\)\]/y;

/** @returns a reader that finds all matching values; one that finds nothing when the path is not understood */
export function compileJsonPath(path: string): (root: unknown) => unknown[] {
  const text = path.replace(/^\{|\}$/g, '').replace(/^\$/, '');
  const steps = stepsOf(text.startsWith('.') || text.startsWith('[') ? text : `.${text}`);
  return (root) => (steps === undefined ? [] : steps.reduce<unknown[]>((values, step) => step(values), [root]));
}

function stepsOf(text: string): Step[] | undefined {
  const steps: Step[] = [];
  let position = 0;
  while (position < text.length) {
    TOKEN.lastIndex = position;
    const found = TOKEN.exec(text);
    if (found === null) return undefined;
    const [, deep, name, index, single, double, filterPath, operator, literal] = found;
    if (deep !== undefined) steps.push((values) => values.flatMap((value) => descendants(value, deep)));
    else if (name === '*' || index === '*') steps.push((values) => values.flatMap(children));
    else if (index !== undefined) steps.push(itemAt(Number(index)));
    else if (filterPath !== undefined) steps.push(filter(filterPath, operator, literal));
    else steps.push(field((name ?? single ?? double ?? '').replace(/\\(.)/g, '$1')));
    position = TOKEN.lastIndex;
  }
  return steps;
}

function field(name: string): Step {
  return (values) => values.flatMap((value) => (isFields(value) && Object.hasOwn(value, name) ? [value[name]] : []));
}

function itemAt(index: number): Step {
  return (values) =>
    values.flatMap((value) => {
      const item: unknown = Array.isArray(value) ? value.at(index) : undefined;
      return item === undefined ? [] : [item];
    });
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isFields(value) ? Object.values(value) : [];
}

function descendants(value: unknown, name: string): unknown[] {
  const own = isFields(value) && Object.hasOwn(value, name) ? [value[name]] : [];
  return [...own, ...children(value).flatMap((child) => descendants(child, name))];
}

function filter(path: string, operator: string | undefined, literal: string | undefined): Step {
  const read = path.slice(1).split('.').map(field);
  const wanted = literal === undefined ? undefined : literalOf(literal);
  return (values) =>
    values.flatMap(children).filter((item) => {
      const [found] = read.reduce<unknown[]>((inside, step) => step(inside), [item]);
      return operator === undefined ? found !== undefined : compares(found, operator, wanted);
    });
}

function literalOf(text: string): unknown {
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  if (quoted !== null) return quoted[2];
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function compares(found: unknown, operator: string, wanted: unknown): boolean {
  if (operator === '==') return found === wanted;
  if (operator === '!=') return found !== wanted;
  if (typeof found !== typeof wanted || (typeof found !== 'number' && typeof found !== 'string')) return false;
  const order = found < (wanted as typeof found) ? -1 : found === wanted ? 0 : 1;
  return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[operator] ?? false;
}
