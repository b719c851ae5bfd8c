/** The end of a shop's traffic, and what its ledger says: what was lost, and what was served twice. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './must.ts';
import type { Shop } from './shop.ts';

/** From when to when something was not there, in epoch milliseconds. */
export type Outage = { from: number; to: number };

/** Ends the traffic; nothing may have been lost or served twice. */
export async function closeClean(shop: Shop): Promise<void> {
  const { sent, lost, duplicated } = await shop.close();
  must(sent > 0, 'there was traffic');
  must(lost.length === 0, `no request was lost: ${lost.length} of ${sent}, such as ${storyOf(shop, lost[0])}`);
  must(duplicated.length === 0, `no request was served twice: ${duplicated.length} of ${sent}`);
}

/** Ends the traffic: what was lost was lost in an outage, and nothing was served twice. */
export async function closeAfter(shop: Shop, outages: readonly Outage[]): Promise<number> {
  const { sent, lost, duplicated } = await shop.close();
  must(sent > 0, 'there was traffic');
  must(duplicated.length === 0, `no request was served twice: ${duplicated.length} of ${sent}`);
  const isLost = new Set(lost);
  const unexplained = shop.outcomes.filter(
    ({ id, sentAt, answeredAt }) =>
      isLost.has(id) && !outages.some(({ from, to }) => answeredAt >= from && sentAt <= to),
  );
  must(
    unexplained.length === 0,
    `nothing is lost outside of an outage: ${unexplained.length} of ${sent}, such as ${storyOf(shop, unexplained[0]?.id)}`,
  );
  return lost.length;
}

/** What client and proxy know of a request, and what went wrong around it: one look should tell who lost it. */
function storyOf({ outcomes, world }: Shop, id = ''): string {
  const outcome = outcomes.find((candidate) => candidate.id === id);
  const routed = linesOf(world.accessLogPath).filter((line) => line.includes(id));
  const logs = join(world.dataDir, 'log');
  const warnings = readdirSync(logs)
    .filter((name) => name.startsWith('proxy'))
    .flatMap((name) => linesOf(join(logs, name)))
    .filter((line) => !line.includes('"level":"info"') && !line.includes('"level":30'));
  return [JSON.stringify(outcome), 'In the access log:', ...routed, 'Said by the proxy:', ...warnings.slice(-20)].join(
    '\n',
  );
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
}
