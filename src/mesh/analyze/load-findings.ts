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

/** Issues under the code by which people of Istio know them; ours where Istio has none. */
export function loadFindings(issues: readonly TableIssue[], messages: readonly AnalysisMessage[]): LoadFinding[] {
  const said = new Set(
    messages.map(({ code, object }) => `${code} ${object.metadata.namespace}/${object.metadata.name}`),
  );
  return issues
    .filter(({ code, namespace, name }) => !SAME_FACT[code]?.some((same) => said.has(`${same} ${namespace}/${name}`)))
    .map((issue) => ({ ...judge(issue), issue }));
}

function judge({ code, level }: TableIssue): { code: string; level: Level } {
  if (code === 'SL0300') return { code: 'IST0106', level: 'Error' };
  if (code === 'SL0307') return { code: 'IST0133', level: 'Warning' };
  // It says something about the bundled proxy, not about the resource: in a mesh with Envoy all is well.
  if (code === 'SL0302') return { code, level: 'Info' };
  return { code, level: level === 'error' ? 'Error' : 'Warning' };
}
