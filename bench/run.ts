/**
 * `npm run bench -- [--quick] [--rounds N] [--seconds S] [--only ROW,…] [--list]`: our proxy beside others that do the same work.
 * What the numbers mean and what they need stands in README.md.
 */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startUpstreams } from './contenders/upstreams.ts';
import { CORES, isInstalled, pinMyself } from './machine/processes.ts';
import { BURST_ROW, IDLE_ROW } from './rows/connections.ts';
import { LATENCY_ROW } from './rows/latency.ts';
import type { Row } from './rows/row.ts';
import { TABLE_ROW } from './rows/table-change.ts';
import { THROUGHPUT_ROWS } from './rows/throughput.ts';

const ROWS: readonly Row[] = [...THROUGHPUT_ROWS, LATENCY_ROW, TABLE_ROW, IDLE_ROW, BURST_ROW];

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const wanted = values.only?.split(',');
const rows = ROWS.filter(({ id }) => wanted === undefined || wanted.includes(id));
const missing = ['nginx', 'wrk'].filter((command) => !isInstalled(command));

if (values.list) for (const { id, title } of ROWS) say(`${id.padEnd(12)}${title}`);
else if (rows.length === 0) fail(`No such row: got ${values.only}; --list shows all`);
else if (process.platform !== 'linux') fail('CPU time is read from /proc, so this needs Linux');
else if (missing.length > 0)
  fail(`Needed as reference and generator: ${missing.join(', ')} (Debian: apt-get install nginx wrk)`);
else await runRows();

async function runRows(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  // Workers of nginx are somebody else when this runs as root, and read a file in there.
  chmodSync(folder, 0o755);
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 11));
  const seconds = Number(values.seconds ?? (values.quick ? 1 : 2));
  pinMyself();
  const upstreams = await startUpstreams(folder);
  const place =
    CORES === undefined ? 'nothing pinned' : `proxies on core ${CORES.proxy}, the rest on core ${CORES.rest}`;
  say(`${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}, Node ${process.version}; ${place}`);
  say(`${rounds} interleaved rounds of ${seconds} s; ratio: requests per CPU-second as multiple of the first line's`);
  try {
    for (const { title, required, run } of rows) {
      say(`\n${title}\n  required: ${required}`);
      for (const line of await run({ folder, upstreams }, { rounds, seconds, folder })) say(`  ${line}`);
    }
  } finally {
    await upstreams.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function fail(reason: string): void {
  process.stderr.write(`${reason}\n`);
  process.exitCode = 2;
}
