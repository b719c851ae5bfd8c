/** What the processes of a proxy hold: memory and descriptors, by Linux' /proc. */

import { readdirSync, readFileSync } from 'node:fs';
import type { ProxyUnderTest } from '../support/running-proxy.ts';

/** Of all workers together, at `atMs` of a run. */
export type Usage = { atMs: number; rssBytes: number; handles: number };

export async function usageOf(proxy: ProxyUnderTest, atMs: number): Promise<Usage> {
  const workers = JSON.parse((await proxy.admin('/workers')).text) as { pid: number }[];
  let rssBytes = 0;
  let handles = 0;
  for (const { pid } of workers) {
    try {
      rssBytes += Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
      handles += readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      // It died since, or this is no Linux.
    }
  }
  return { atMs, rssBytes, handles };
}
