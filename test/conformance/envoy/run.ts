/**
 * `npm run conformance [-- NAME…]`: every recorded case (README.md) through the stand-alone proxy on real sockets, and a table of
 * what is the same. With names, only the cases whose name or area contains one of them, and every difference.
 */

import { type Logged, readCases } from './cases.ts';
import { compareLogged } from './compare.ts';
import { LISTED_DIFFERENCES, requestName } from './listed-differences.ts';
import { runCase, type Verdict } from './run-case.ts';
import { startStandalone } from './standalone.ts';
import { startUpstreams } from './upstream.ts';

const AT_ONCE = 12;

const wanted = process.argv.slice(2);
const { cases, results } = readCases();
const chosen = cases.filter(
  ({ name, area }) => wanted.length === 0 || wanted.some((part) => name.includes(part) || area === part),
);
const upstreams = await startUpstreams(['e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8']);
const proxy = await startStandalone(chosen, upstreams);
const verdicts: Verdict[] = [];
const queue = [...chosen];
try {
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let each = queue.shift(); each !== undefined; each = queue.shift()) {
        verdicts.push(...(await runCase(each, results.get(each.name) ?? [], { proxy, upstreams })));
      }
    }),
  );
} finally {
  const logged = await proxy.close();
  for (const verdict of verdicts) addLogged(verdict, logged);
  await upstreams.close();
}

const unexplained = verdicts.filter(isUnexplained);
for (const { case: name, i, differences } of unexplained.sort((a, b) => a.case.localeCompare(b.case))) {
  process.stdout.write(`${name}[${i}]\n${differences.map((each) => `    ${each}\n`).join('')}`);
}
process.stdout.write(tableOf(verdicts));
process.exitCode = unexplained.length === 0 ? 0 : 1;

function addLogged(verdict: Verdict, logged: ReadonlyMap<string, Logged>): void {
  const { log } = verdict;
  if (log === undefined) return;
  verdict.differences = [...verdict.differences, ...compareLogged(log.expected, logged.get(log.id))];
}

function isUnexplained(verdict: Verdict): boolean {
  return verdict.differences.length > 0 && LISTED_DIFFERENCES[requestName(verdict)] === undefined;
}

function tableOf(all: readonly Verdict[]): string {
  const areas = Map.groupBy(all, ({ area }) => area);
  const rows = [...areas].sort(([a], [b]) => a.localeCompare(b)).map(([area, list]) => rowOf(area, list));
  const header = ['area', 'same', 'listed', 'different', 'skipped'];
  const lines = [header, ...rows, rowOf('all', all)];
  const reasons = new Set(all.flatMap(({ skipped }) => skipped ?? []));
  const table = lines.map(([name = '', ...cells]) => name.padEnd(20) + cells.map((cell) => cell.padStart(10)).join(''));
  return `${table.join('\n')}\nskipped: ${[...reasons].join('; ')}\n`;
}

function rowOf(area: string, list: readonly Verdict[]): string[] {
  const skipped = list.filter((each) => each.skipped !== undefined).length;
  const different = list.filter(isUnexplained).length;
  const listed = list.filter(({ differences }) => differences.length > 0).length - different;
  return [area, ...[list.length - skipped - different - listed, listed, different, skipped].map(String)];
}
