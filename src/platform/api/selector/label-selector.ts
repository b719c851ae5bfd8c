/**
 * Label selectors of list and watch: `app=a,tier!=b,env in (x,y),zone notin (z),canary,!legacy,weight>1`.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */

import { labelValueFaults, qualifiedNameFaults } from '../schema/names.ts';
import { SelectorError } from './selector-error.ts';

export type Labels = Record<string, string> | undefined;
export type LabelMatcher = (labels: Labels) => boolean;

type Cursor = { tokens: readonly string[]; next: number };

/** @throws SelectorError */
export function parseLabelSelector(text: string): LabelMatcher {
  const cursor: Cursor = { tokens: tokensOf(text), next: 0 };
  const requirements: LabelMatcher[] = [];
  while (peek(cursor) !== undefined) {
    requirements.push(requirement(cursor));
    if (peek(cursor) === undefined) break;
    if (take(cursor) !== ',') throw misplaced(cursor, "',' or 'end of string'");
    if (peek(cursor) === undefined) throw new SelectorError("found '', expected: identifier after ','");
  }
  return (labels) => requirements.every((matches) => matches(labels));
}

function tokensOf(text: string): string[] {
  return [...text.matchAll(/\s*(!=|==|[=!,()<>]|[^\s=!,()<>]+)/g)].map(([, token = '']) => token);
}

function requirement(cursor: Cursor): LabelMatcher {
  const first = take(cursor);
  if (first === '!') {
    const absent = key(cursor, take(cursor));
    return (labels) => labelOf(labels, absent) === undefined;
  }
  const name = key(cursor, first);
  const operator = peek(cursor);
  if (operator === undefined || operator === ',') return (labels) => labelOf(labels, name) !== undefined;
  take(cursor);
  switch (operator) {
    case '=':
    case '==': {
      const wanted = value(cursor);
      return (labels) => labelOf(labels, name) === wanted;
    }
    case '!=': {
      const unwanted = value(cursor);
      return (labels) => labelOf(labels, name) !== unwanted;
    }
    case 'in': {
      const wanted = values(cursor);
      return (labels) => wanted.includes(labelOf(labels, name) ?? null);
    }
    case 'notin': {
      const unwanted = values(cursor);
      return (labels) => !unwanted.includes(labelOf(labels, name) ?? null);
    }
    case '<':
    case '>':
      return comparison(name, operator, value(cursor));
    default:
      throw unexpected(cursor, 'in, notin, =, ==, !=, gt, lt');
  }
}

function comparison(name: string, operator: '<' | '>', text: string): LabelMatcher {
  if (!/^-?\d+$/.test(text)) {
    throw new SelectorError(
      `values[0][${name}]: Invalid value: ${JSON.stringify(text)}: for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  }
  return (labels) => {
    const found = labelOf(labels, name);
    if (found === undefined || !/^-?\d+$/.test(found)) return false;
    return operator === '<' ? Number(found) < Number(text) : Number(found) > Number(text);
  };
}

function key(cursor: Cursor, token: string | undefined): string {
  if (token === undefined || /^[=!,()<>]/.test(token)) throw misplaced(cursor, "!, identifier, or 'end of string'");
  const [fault] = qualifiedNameFaults(token);
  if (fault !== undefined)
    throw new SelectorError(`unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(token)}: ${fault}`);
  return token;
}

/** The value may be missing: `app=` selects the empty value. */
function value(cursor: Cursor): string {
  const token = peek(cursor);
  if (token === undefined || token === ',') return '';
  take(cursor);
  if (/^[=!()<>]/.test(token)) throw unexpected(cursor, 'identifier');
  const [fault] = labelValueFaults(token);
  if (fault !== undefined)
    throw new SelectorError(
      `unable to parse requirement: values[0][]: Invalid value: ${JSON.stringify(token)}: ${fault}`,
    );
  return token;
}

function values(cursor: Cursor): Array<string | null> {
  if (take(cursor) !== '(') throw unexpected(cursor, "'('");
  const found: string[] = [];
  let current = '';
  for (;;) {
    const token = take(cursor);
    if (token === undefined) throw new SelectorError("unable to parse requirement: found '', expected: ',' or ')'");
    if (token === ',' || token === ')') found.push(current);
    if (token === ')') return found;
    current = token === ',' ? '' : token;
  }
}

function labelOf(labels: Labels, name: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, name) ? labels[name] : undefined;
}

function peek({ tokens, next }: Cursor): string | undefined {
  return tokens[next];
}

function take(cursor: Cursor): string | undefined {
  cursor.next += 1;
  return cursor.tokens[cursor.next - 1];
}

function unexpected(cursor: Cursor, expected: string): SelectorError {
  return new SelectorError(
    `unable to parse requirement: found '${cursor.tokens[cursor.next - 1] ?? ''}', expected: ${expected}`,
  );
}

/** What stands between requirements is judged before any of them is parsed. */
function misplaced(cursor: Cursor, expected: string): SelectorError {
  return new SelectorError(`found '${cursor.tokens[cursor.next - 1] ?? ''}', expected: ${expected}`);
}
