/** `sluice proxy-status`: whether every worker of a proxy serves the table that was accepted last (istio.md 12.4). */

import { stringify } from 'yaml';
import type { ProxyDump, WorkerDump } from '../../mesh/table/proxy-dump.ts';
import { type Column, renderColumns } from '../columns.ts';
import { EXIT } from '../exit-code.ts';
import type { Surroundings } from '../surroundings.ts';
import type { CONFIG_FORMATS } from './proxy-config.ts';

export type StatusQuery = {
  adminUrl: string;
  output: (typeof CONFIG_FORMATS)[number];
  /** One column for each type of resource. */
  isVerbose: boolean;
};

type Row = WorkerDump & { state: string; version: string; accepted: number };

/** Types of xDS by which people know the parts of a table. */
const TYPES = ['CDS', 'LDS', 'EDS', 'RDS'];

export async function proxyStatus(
  { adminUrl, output, isVerbose }: StatusQuery,
  { askAdmin, stdout, stderr }: Pick<Surroundings, 'askAdmin' | 'stdout' | 'stderr'>,
): Promise<number> {
  const dump = await askAdmin<ProxyDump>(adminUrl, '/config_dump');
  const { table, refused, version } = dump;
  const rows = dump.workers.map((worker) => ({
    ...worker,
    state: stateOf(worker, dump),
    version,
    accepted: table.version,
  }));
  const value = { tableVersion: table.version, ...(refused && { refused }), workers: rows.map(asObject) };
  if (output === 'json') stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  else if (output === 'yaml') stdout.write(stringify(value, { lineWidth: 0 }));
  else stdout.write(`${renderColumns(isVerbose ? VERBOSE : COLUMNS, rows)}\n`);
  if (refused !== undefined) {
    const kept = `table ${refused.version} was refused, ${table.version} stays in force`;
    stderr.write(`SL0310: ${kept}: ${refused.reason}\n`);
  }
  return EXIT.ok;
}

function stateOf({ tableVersion = 0 }: WorkerDump, { table, refused }: ProxyDump): string {
  if (tableVersion === 0) return 'NOT SENT';
  return tableVersion === table.version && refused === undefined ? 'SYNCED' : 'STALE';
}

function asObject({ pid, tableVersion, state }: Row): object {
  return { pid, tableVersion, state };
}

const NAME: Column<Row> = { header: 'NAME', cell: ({ pid }) => `worker-${pid}` };
const CLUSTER: Column<Row> = { header: 'CLUSTER', cell: () => 'local' };
const SOURCE: Column<Row> = { header: 'ISTIOD', cell: ({ accepted }) => `sluice (table ${accepted})` };
const VERSION: Column<Row> = { header: 'VERSION', cell: ({ version }) => version };

const COLUMNS: readonly Column<Row>[] = [
  NAME,
  CLUSTER,
  SOURCE,
  VERSION,
  {
    header: 'SUBSCRIBED TYPES',
    cell: ({ state }) => `${TYPES.length} (${TYPES.join(',')})${state === 'SYNCED' ? '' : ` ${state}`}`,
  },
];

const VERBOSE: readonly Column<Row>[] = [
  NAME,
  CLUSTER,
  ...TYPES.map((header): Column<Row> => ({ header, cell: ({ state }) => state })),
  { header: 'ECDS', cell: () => 'IGNORED' },
  SOURCE,
  VERSION,
];
