/** `sluice analyze`: what it may be asked, and how its answer is printed. `main/` gathers what is analysed. */

import { stringify } from 'yaml';
import type { Level } from '../../mesh/analyze/analysis-message.ts';
import {
  documentationUrl,
  type Finding,
  formatFinding,
  isSuppressed,
  reaches,
  type Suppression,
  sortFindings,
} from '../../mesh/analyze/finding.ts';
import type { Style } from '../../view/style.ts';
import { EXIT } from '../exit-code.ts';
import type { ServerFlags } from '../server-choice.ts';
import type { Surroundings } from '../surroundings.ts';

export const ANALYZE_FORMATS = ['text', 'json', 'yaml'] as const;

export type AnalyzeCommand = {
  /** Files and folders. */
  paths: readonly string[];
  /** The API server whose objects are analysed, those of the files over them; absent: the files alone. */
  server?: ServerFlags;
  /** Findings about other namespaces are left out; absent: that of the context, if an API server is asked. */
  namespace?: string;
  allNamespaces: boolean;
  /** File with Istio's MeshConfig. */
  meshConfig?: string;
  /** Whether unknown fields are errors. */
  strict: boolean;
  report: ReportOptions;
};

export type ReportOptions = {
  output: (typeof ANALYZE_FORMATS)[number];
  failureThreshold: Level;
  outputThreshold: Level;
  suppressions: readonly Suppression[];
  style: Style;
};

/**
 * Findings go to standard output, the summary to standard error.
 *
 * @param subject what was analysed, for the summary
 * @returns 79 when findings reach the failure threshold, as Istio's exit code (istio.md 12.3)
 */
export function reportFindings(
  findings: readonly Finding[],
  subject: string,
  { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>,
  { output, failureThreshold, outputThreshold, suppressions, style }: ReportOptions,
): number {
  const kept = sortFindings(findings).filter((finding) => !isSuppressed(finding, suppressions));
  const shown = kept.filter(({ level }) => reaches(level, outputThreshold));
  const text = render(shown, output, style);
  if (text !== '') stdout.write(`${text}\n`);
  if (output === 'text') stderr.write(`${summary(kept, subject, style)}\n`);
  return kept.some(({ level }) => reaches(level, failureThreshold)) ? EXIT.findings : EXIT.ok;
}

function render(findings: readonly Finding[], output: ReportOptions['output'], style: Style): string {
  switch (output) {
    case 'json':
      return JSON.stringify(findings.map(asObject), null, 2);
    case 'yaml':
      return stringify(findings.map(asObject), { lineWidth: 0 }).trimEnd();
    case 'text':
      return findings.map((finding) => coloured(finding, style)).join('\n');
    default:
      return output satisfies never;
  }
}

const COLOURS = { Error: 'red', Warning: 'yellow', Info: 'cyan' } as const satisfies Record<Level, string>;

function coloured(finding: Finding, style: Style): string {
  const { level } = finding;
  return style(COLOURS[level], level) + formatFinding(finding).slice(level.length);
}

function asObject({ code, level, origin, reference, message }: Finding): object {
  return { code, documentationUrl: documentationUrl(code), level, message, origin, ...(reference && { reference }) };
}

function summary(findings: readonly Finding[], subject: string, style: Style): string {
  if (findings.length === 0) return `${style('green', '✔')} No issues found in ${subject}`;
  const count = (level: Level, one: string, many: string) => {
    const found = findings.filter((finding) => finding.level === level).length;
    return found === 0 ? [] : [`${found} ${found === 1 ? one : many}`];
  };
  const counts = [
    ...count('Error', 'error', 'errors'),
    ...count('Warning', 'warning', 'warnings'),
    ...count('Info', 'note', 'notes'),
  ];
  return `Found ${counts.join(', ')} in ${subject}`;
}
