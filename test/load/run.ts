/**
 * `npm run soak [-- --requests N] [--minutes M] [--workers W] [--seed S]`: a load run (load-run.ts) with a report of memory and
 * handles over time. Ends with 1 when the ledger cannot explain what became of a request.
 */

import { parseArgs } from 'node:util';
import { seededRandom } from '../support/seeded-random.ts';
import { type LoadReport, runLoad } from './load-run.ts';
import type { Usage } from './process-usage.ts';

const MEBIBYTE = 1_024 * 1_024;
const LINES_MOST = 20;

const { values } = parseArgs({
  options: {
    requests: { type: 'string' },
    minutes: { type: 'string' },
    workers: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const forMs = values.minutes === undefined ? undefined : Number(values.minutes) * 60_000;
const requests = Number(values.requests ?? (forMs === undefined ? 1_000_000 : Number.MAX_SAFE_INTEGER));
const report = await runLoad({
  requests,
  forMs,
  workers: Number(values.workers),
  random: seededRandom(Number(values.seed)),
});
process.stdout.write(textOf(report));
process.exitCode = report.ledger.findingCount === 0 ? 0 : 1;

function textOf({ ledger, tookMs, disturbances, usages }: LoadReport): string {
  const { totals, findings, findingCount } = ledger;
  const rows = [
    ['requests', totals.sent],
    ['  a second', Math.round((totals.sent * 1_000) / tookMs)],
    ['answered with their own answer', totals.answered],
    ['failed because their service was killed', totals.failedByService],
    ['lost with a killed worker', totals.lostWithWorker],
    ['served again after their service was killed', totals.servedTwice],
    ['mirrored', totals.mirrored],
    ['log lines lost with a killed worker', totals.unloggedWithWorker],
    ['unexplained', findingCount],
    ...Object.entries(disturbances).map(([kind, times]) => [`disturbance: ${kind}`, times] as const),
  ];
  const table = rows.map(([name, value]) => `${String(name).padEnd(48)}${String(value).padStart(12)}\n`).join('');
  return `seed ${values.seed}\n${table}\n${usageText(usages)}${findings.map((finding) => `${finding}\n`).join('')}`;
}

function usageText(usages: readonly Usage[]): string {
  const every = Math.max(1, Math.ceil(usages.length / LINES_MOST));
  const lines = usages
    .filter((_, index) => index % every === 0)
    .map(({ atMs, rssBytes, handles }) => {
      const seconds = String(Math.round(atMs / 1_000)).padStart(6);
      return `${seconds} s  workers ${(rssBytes / MEBIBYTE).toFixed(0).padStart(5)} MiB  ${String(handles).padStart(5)} handles\n`;
    });
  return `${lines.join('')}\n`;
}
