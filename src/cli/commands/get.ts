/** `sluice get canaries [NAME]`: the table of kubectl, with what a person needs first. */

import { stringify } from 'yaml';
import { CANARY, type Canary } from '../../canary/canary.schema.ts';
import { createWatchCache } from '../../kube/watch-cache.ts';
import { boundsText } from '../../view/render-tree.ts';
import { type RolloutView, rolloutView } from '../../view/rollout-view.ts';
import { ageSince } from '../age.ts';
import { type Column, renderColumns } from '../columns.ts';
import { EXIT } from '../exit-code.ts';
import { findCanary } from '../find-canary.ts';
import type { Session } from '../session.ts';
import type { Surroundings } from '../surroundings.ts';

export const OUTPUT_FORMATS = ['wide', 'json', 'yaml', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export type GetOptions = { allNamespaces?: boolean; output?: OutputFormat; watch?: boolean };

export async function getCanaries(
  name: string | undefined,
  options: GetOptions,
  session: Session,
  surroundings: Surroundings,
): Promise<number> {
  if (options.watch === true) return watchCanaries(name, options, session, surroundings);
  const canaries = name === undefined ? await listCanaries(options, session) : [await findCanary(session, name)];
  if (canaries.length === 0 && options.output === undefined) {
    const where = options.allNamespaces === true ? 'any namespace' : `namespace ${session.namespace}`;
    surroundings.stderr.write(`No canaries found in ${where}\n`);
    return EXIT.ok;
  }
  surroundings.stdout.write(
    `${format(canaries, { ...options, single: name !== undefined }, surroundings.clock.now())}\n`,
  );
  return EXIT.ok;
}

async function listCanaries({ allNamespaces }: GetOptions, { client, namespace }: Session): Promise<Canary[]> {
  const { items } = await client.list<Canary>(CANARY, allNamespaces === true ? {} : { namespace });
  return items;
}

/** One line per change, also on a terminal, as `kubectl get -w` does. */
async function watchCanaries(
  name: string | undefined,
  options: GetOptions,
  { client, namespace }: Session,
  { clock, random, logger, stdout, signal }: Surroundings,
): Promise<number> {
  const cache = createWatchCache<Canary>(client, CANARY, {
    ...(options.allNamespaces === true ? {} : { namespace }),
    ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
    clock,
    random,
    logger,
  });
  let isFirst = true;
  cache.onChange(({ object }) => {
    const text = format([object], { ...options, single: true }, clock.now());
    const isTable = options.output === undefined || options.output === 'wide';
    stdout.write(`${isTable && !isFirst ? withoutHeader(text) : text}\n`);
    isFirst = false;
  });
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  cache.close();
  return EXIT.interrupted;
}

function withoutHeader(table: string): string {
  return table.slice(table.indexOf('\n') + 1);
}

function format(canaries: readonly Canary[], options: GetOptions & { single: boolean }, now: number): string {
  const [first] = canaries;
  const whole = options.single && first !== undefined ? first : { apiVersion: 'v1', kind: 'List', items: canaries };
  switch (options.output) {
    case 'json':
      return JSON.stringify(whole, null, 2);
    case 'yaml':
      return stringify(whole, { lineWidth: 0 }).trimEnd();
    case 'name':
      return canaries.map(({ metadata }) => `canary.flagger.app/${metadata.name}`).join('\n');
    default:
      return renderColumns(columns(options, now), canaries.map(toRow), { wide: options.output === 'wide' });
  }
}

type Row = RolloutView & { createdAt?: string };

function toRow(canary: Canary): Row {
  const { creationTimestamp } = canary.metadata;
  return { ...rolloutView(canary), ...(creationTimestamp === undefined ? {} : { createdAt: creationTimestamp }) };
}

function columns({ allNamespaces }: GetOptions, now: number): Column<Row>[] {
  return [
    ...(allNamespaces === true ? [{ header: 'NAMESPACE', cell: ({ namespace }: Row) => namespace }] : []),
    { header: 'NAME', cell: ({ name }) => name },
    { header: 'STATUS', cell: ({ phase }) => phase || '<unseen>' },
    { header: 'WEIGHT', cell: ({ weight }) => String(weight) },
    { header: 'STAGE', cell: stageCell },
    { header: 'FAILED', cell: ({ failures }) => `${failures.count}/${failures.limit}` },
    { header: 'AGE', cell: ({ createdAt }) => ageSince(createdAt, now) },
    { header: 'REVISION', cell: ({ revision }) => revision ?? '<none>', wide: true },
    { header: 'PROMOTED', cell: ({ promotedRevision }) => promotedRevision ?? '<none>', wide: true },
    { header: 'CHECKS', cell: checksCell, wide: true },
    { header: 'WAITING FOR', cell: ({ waitingFor }) => waitingFor?.text ?? '<none>', wide: true },
  ];
}

function stageCell({ stages }: Row): string {
  const index = stages.findIndex(({ state }) => state === 'active');
  return index < 0 ? '-' : `${stages[index]?.name} (${index + 1}/${stages.length})`;
}

function checksCell({ checks }: Row): string {
  if (checks.length === 0) return '<none>';
  return checks.map(({ metric, verdict, bounds }) => `${metric} ${verdict} ${boundsText(bounds)}`.trimEnd()).join(', ');
}
