/** label_replace and label_join. */

import { RE2JS } from 're2js';
import { messageOf } from '../../../lib/errors.ts';
import { withLabel } from '../labels.ts';
import { executionError } from './promql-error.ts';
import type { Element } from './value.ts';

export type LabelReplacement = { target: string; replacement: string; source: string; pattern: string };

export function replaceLabels(
  elements: readonly Element[],
  { target, replacement, source, pattern }: LabelReplacement,
): Element[] {
  const regex = compile(pattern);
  assertLabelName(target, 'label_replace');
  return elements.map((element) => {
    const match = regex.matcher(element.labels.get(source) ?? '');
    if (!match.matches()) return element;
    const groups = Array.from({ length: match.groupCount() + 1 }, (_, index) => match.group(index) ?? '');
    return { ...element, labels: withLabel(element.labels, target, expand(replacement, groups, regex)) };
  });
}

export function joinLabels(
  elements: readonly Element[],
  target: string,
  separator: string,
  sources: readonly string[],
): Element[] {
  assertLabelName(target, 'label_join');
  return elements.map((element) => {
    const joined = sources.map((source) => element.labels.get(source) ?? '').join(separator);
    return { ...element, labels: withLabel(element.labels, target, joined) };
  });
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch (thrown) {
    throw executionError(`invalid regular expression in label_replace(): ${messageOf(thrown)}`);
  }
}

/** `$1`, `${1}`, `$name` and `$$`; what does not exist is empty (Go, regexp.Expand). */
function expand(replacement: string, groups: readonly string[], regex: RE2JS): string {
  const named = regex.namedGroups();
  return replacement.replaceAll(/\$(?:\$|(\w+)|\{(\w+)\})/g, (all: string, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return all === '$$' ? '$' : all;
    const index = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(named, name) ? named[name] : undefined;
    return index === undefined ? '' : (groups[index] ?? '');
  });
}

function assertLabelName(name: string, where: string): void {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw executionError(`invalid destination label name in ${where}(): ${name}`);
}
