/** What reading and compiling the resources had to say, beside what the analyzers found: each fact once. */

import type { TableIssue } from '../compile/table-issue.ts';
import type { AnalysisMessage, Level } from './analysis-message.ts';

export type LoadFinding = { code: string; level: Level; issue: TableIssue };

/** Analyzers that see the same fact in more places, under Istio's code. */
const SAME_FACT: Readonly<Record<string, readonly string[]>> = {
  SL0303: ['IST0101', 'IST0112'],
  SL0304: ['IST0109'],
  SL0306: ['IST0130', 'IST0131'],
};

/** They say something about the bundled proxy, not about the resource: in a mesh with Envoy, or for another program, all is well. */
const OF_THE_PROXY: readonly string[] = ['SL0302', 'SL0324', 'SL0325'];

/** Issues under the code by which people of Istio know them; ours where Istio has none. */
export function loadFindings(issues: readonly TableIssue[], messages: readonly AnalysisMessage[]): LoadFinding[] {
  const said = new Set(
    messages.flatMap(({ code, path, object: { kind, metadata } }) =>
      [code, path].map((fact) => `${fact} of ${kind} ${metadata.namespace}/${metadata.name}`),
    ),
  );
  const isSaid = ({ code, level, path, kind, namespace, name }: TableIssue) => {
    const facts = [...(SAME_FACT[code] ?? []), ...(level === 'warning' ? [path] : [])];
    return facts.some((fact) => said.has(`${fact} of ${kind} ${namespace}/${name}`));
  };
  return issues.filter((issue) => !isSaid(issue)).map((issue) => ({ ...judge(issue), issue }));
}

function judge({ code, level }: TableIssue): { code: string; level: Level } {
  if (code === 'SL0300') return { code: 'IST0106', level: 'Error' };
  if (code === 'SL0307') return { code: 'IST0133', level: 'Warning' };
  if (OF_THE_PROXY.includes(code)) return { code, level: 'Info' };
  return { code, level: level === 'error' ? 'Error' : 'Warning' };
}
