/** IST0130 and IST0131: rules and matches of a VirtualService that an earlier one leaves no request. */

import { canonicalJson } from '../../lib/canonical-json.ts';
import type { KubeObject } from '../../lib/resource.ts';
import type { ReportMessage } from './analysis-message.ts';
import type { AnalyzedWorld } from './analyzed-world.ts';
import { type Fields, fieldsOf, listOf, textOf } from './loose-fields.ts';

export function analyzeUnreachableRules(world: AnalyzedWorld, report: ReportMessage): void {
  for (const virtualService of world.ofKind('VirtualService')) {
    for (const kind of ['http', 'tls', 'tcp'] as const) analyzeRules(virtualService, kind, report);
  }
}

/** Matches before: by their text, and those that begin with a path by which they may cover others. */
type Seen = { texts: Map<string, number>; prefixes: { prefix: string; conditions: Fields; rule: number }[] };

function analyzeRules(virtualService: KubeObject, kind: 'http' | 'tls' | 'tcp', report: ReportMessage): void {
  const rules = listOf(fieldsOf(virtualService.spec)[kind]);
  const nameOf = (index: number) => textOf(fieldsOf(rules[index]).name) || `#${index + 1}`;
  const seen: Seen = { texts: new Map(), prefixes: [] };
  let always: number | undefined;
  for (const [index, rule] of rules.entries()) {
    const path = `spec.${kind}[${index}]`;
    const unreachable = (why: string) =>
      report('IST0130', virtualService, path, `Rule ${nameOf(index)} is never reached: ${why}`);
    const matches = listOf(fieldsOf(rule).match).map((match) => ({ ...fieldsOf(match), name: undefined }));
    if (always !== undefined) {
      unreachable(`rule ${nameOf(always)} before it takes every request`);
      continue;
    }
    if (matches.length === 0) {
      always = index;
      continue;
    }
    let repeated = 0;
    for (const [position, conditions] of matches.entries()) {
      const text = canonicalJson(conditions);
      const earlier = seen.texts.get(text);
      const wider = earlier ?? coveringRule(seen, conditions);
      if (earlier !== undefined) repeated++;
      if (wider !== undefined) {
        const why = `Match #${position + 1} of rule ${nameOf(index)} takes nothing that rule ${nameOf(wider)} leaves`;
        report('IST0131', virtualService, `${path}.match[${position}]`, why);
      }
      remember(seen, conditions, { text, rule: index });
    }
    if (repeated === matches.length) unreachable('rules before it have all of its matches');
  }
}

function remember(seen: Seen, conditions: Fields, { text, rule }: { text: string; rule: number }): void {
  if (!seen.texts.has(text)) seen.texts.set(text, rule);
  const prefix = prefixOf(conditions);
  if (prefix !== undefined) seen.prefixes.push({ prefix, conditions, rule });
}

/** The first rule that takes whatever fits `narrow`, judged by path prefixes: each of its other conditions must stand there, too. */
function coveringRule({ prefixes }: Seen, narrow: Fields): number | undefined {
  const inner = prefixOf(narrow);
  if (inner === undefined) return undefined;
  return prefixes.find(({ prefix, conditions }) => inner.startsWith(prefix) && isWithin(conditions, narrow))?.rule;
}

function isWithin({ uri: _path, ...others }: Fields, narrow: Fields): boolean {
  return Object.entries(others).every(
    ([name, condition]) => condition === undefined || canonicalJson(condition) === canonicalJson(narrow[name] ?? null),
  );
}

function prefixOf({ uri }: Fields): string | undefined {
  const { prefix } = fieldsOf(uri);
  return typeof prefix === 'string' ? prefix : undefined;
}
