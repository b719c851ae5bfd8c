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

type Seen = { conditions: Fields; text: string; rule: number };

function analyzeRules(virtualService: KubeObject, kind: 'http' | 'tls' | 'tcp', report: ReportMessage): void {
  const rules = listOf(fieldsOf(virtualService.spec)[kind]);
  const nameOf = (index: number) => textOf(fieldsOf(rules[index]).name) || `#${index + 1}`;
  const seen: Seen[] = [];
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
      const earlier = seen.find((one) => one.text === text);
      const wider = earlier ?? seen.find((one) => covers(one.conditions, conditions));
      if (earlier !== undefined) repeated++;
      if (wider !== undefined) {
        const why = `Match #${position + 1} of rule ${nameOf(index)} takes nothing that rule ${nameOf(wider.rule)} leaves`;
        report('IST0131', virtualService, `${path}.match[${position}]`, why);
      }
      seen.push({ conditions, text, rule: index });
    }
    if (repeated === matches.length) unreachable('rules before it have all of its matches');
  }
}

/** Whether what fits `narrow` fits `wide`, judged by path prefixes: every other condition of `wide` must stand in `narrow`. */
function covers({ uri, ...others }: Fields, narrow: Fields): boolean {
  const prefix = fieldsOf(uri).prefix;
  const inner = fieldsOf(narrow.uri).prefix;
  if (typeof prefix !== 'string' || typeof inner !== 'string' || !inner.startsWith(prefix)) return false;
  return Object.entries(others).every(
    ([name, condition]) => condition === undefined || canonicalJson(condition) === canonicalJson(narrow[name] ?? null),
  );
}
