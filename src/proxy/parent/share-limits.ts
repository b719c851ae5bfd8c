/** Limits hold for a proxy, and its workers know nothing of each other: each gets an equal part, at least one (issue 4 §4). */

import type { ClusterLimits } from '../../mesh/table/route-table.ts';
import type { TableChange } from '../prepare-change.ts';

const DIVIDED = ['connections', 'pending', 'requests', 'retries'] as const;

export type SharedChange = {
  change: TableChange;
  /** Limits below the number of workers, which together may exceed them: `cluster: connections 1`. */
  exceeded: string[];
};

export function shareLimits(change: TableChange, workers: number): SharedChange {
  const exceeded: string[] = [];
  if (workers === 1) return { change, exceeded };
  const puts = change.puts.map((item) => {
    if (item.kind !== 'cluster' || item.value.limits === undefined) return item;
    const { limits } = item.value;
    const shared: ClusterLimits = { ...limits };
    for (const name of DIVIDED) {
      const most = limits[name];
      if (most === undefined) continue;
      if (most < workers) exceeded.push(`${item.name}: ${name} ${most}`);
      shared[name] = Math.max(1, Math.floor(most / workers));
    }
    return { ...item, value: { ...item.value, limits: shared } };
  });
  return { change: { ...change, puts }, exceeded };
}
