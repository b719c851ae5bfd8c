/**
 * The ledger: every request has an id, counted where it was sent, where it was routed and where it was served. What the three
 * counts say together is whether anything was lost or served twice.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientOutcome } from './traffic.ts';

/** One line of the proxy's access log, as far as the ledger reads it. */
export type RoutedRequest = {
  id: string;
  tableVersion: number;
  /** Name of the Deployment that answered; absent when the proxy answered itself. */
  workload?: string;
  mirror: boolean;
};

/** One line that a service wrote about a request it served. */
export type ServedRequest = { id: string; version: string; status: number };

export type Balance = {
  sent: number;
  /** Answered by the application with 500 or more. */
  applicationErrors: number;
  /** Got no answer, or one that the platform gave in the application's place. */
  lost: readonly string[];
  /** Ids that were served more often than once, mirrors not counted. */
  duplicated: readonly string[];
};

/** Compares the three counts. */
export function balance(
  sent: readonly ClientOutcome[],
  routed: readonly RoutedRequest[],
  served: readonly ServedRequest[],
): Balance {
  const servedTimes = new Map<string, number>();
  for (const { id } of served) servedTimes.set(id, (servedTimes.get(id) ?? 0) + 1);
  for (const { id, mirror } of routed) if (mirror) servedTimes.set(id, (servedTimes.get(id) ?? 0) - 1);
  return {
    sent: sent.length,
    applicationErrors: sent.filter(({ status, version }) => version !== undefined && status >= 500).length,
    lost: sent.filter(({ id, version }) => version === undefined || !servedTimes.has(id)).map(({ id }) => id),
    duplicated: [...servedTimes].filter(([, times]) => times > 1).map(([id]) => id),
  };
}

/** Reads what the services wrote into a folder (`REQUEST_LEDGER`). A line cut off by a kill is left out. */
export function readServed(folder: string): ServedRequest[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readLines(join(folder, name)))
    .map(({ id, version, status }) => ({ id: String(id), version: String(version), status: Number(status) }));
}

/** Reads the proxy's JSON access log. */
export function readRouted(path: string): RoutedRequest[] {
  return readLines(path).map(({ request_id: id, table_version, upstream_workload: workload, mirror }) => {
    const routed = { id: String(id), tableVersion: Number(table_version), mirror: mirror === true };
    return typeof workload === 'string' ? { ...routed, workload } : routed;
  });
}

function readLines(path: string): Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Record<string, unknown>];
      } catch {
        return [];
      }
    });
}
