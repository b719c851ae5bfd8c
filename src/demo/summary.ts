/** The table at the end of the demo. Pure. */

import type { Style } from '../view/style.ts';
import type { DemoReport, ReleaseReport, StageReport } from './report.ts';

/** Lines without a final line feed. */
export function renderSummary(
  { seconds, requests, releases }: DemoReport,
  flaws: readonly string[],
  style: Style,
): string {
  return [
    style('bold', 'What happened'),
    '',
    ...table([
      ['RELEASE', 'STAGE', 'CONFIGURED', 'REALLY', 'REQUESTS', 'STAFF ON CANARY'],
      ...releases.flatMap(({ revision, stages }) => stages.map((stage) => stageRow(revision, stage))),
    ]),
    '',
    ...releases.map((release) => releaseLine(release, style)),
    '',
    `${requests.sent} requests sent in ${seconds} s`,
    `${requests.applicationErrors} failed by the application`,
    `${requests.lost} lost by the platform, ${requests.duplicated} served twice`,
    ...(flaws.length === 0
      ? [style('green', 'Everything was as it should be')]
      : ['', style('red', 'Not as it should be:'), ...flaws.map((flaw) => `  ${flaw}`)]),
  ].join('\n');
}

function stageRow(
  revision: string,
  { name, weight, share, requests, canaryRequests, matched, matchedCanary }: StageReport,
): string[] {
  const staff = matched === 0 ? '-' : `${matchedCanary} of ${matched}`;
  return [revision, name, `${weight} %`, `${share} %`, `${canaryRequests} of ${requests}`, staff];
}

function releaseLine({ revision, outcome, reason, seconds, rollbackSeconds }: ReleaseReport, style: Style): string {
  if (outcome === 'promoted') return `${revision} ${style('green', 'promoted')} after ${seconds} s: ${reason}`;
  const cost = `${rollbackSeconds} s from the first bad answer to the last request on it`;
  return `${revision} ${style('red', 'rolled back')} after ${seconds} s (${cost}): ${reason}`;
}

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
