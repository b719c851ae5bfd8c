/** From the Host of a request to the virtual host that serves it: kept up to date where names stay the same, else made anew. */

import { isSameList } from '../lib/memo.ts';
import { domainsOnPort, HostIndex } from '../mesh/table/built-table.ts';
import type { ServedHost } from './served-host.ts';
import type { Slices } from './slices.ts';

export type HostIndexes = {
  readonly hosts: HostIndex<ServedHost>;
  /** For listeners that stand for one port of the services. */
  readonly portHosts: ReadonlyMap<number, HostIndex<ServedHost>>;
};

type Hosts = ReadonlyMap<string, ServedHost>;
/** By name; `undefined` is gone. */
type HostChanges = ReadonlyMap<string, ServedHost | undefined>;

/** What can be brought up to date within a small part of a slice. */
const CARRIED_MOST = 500;

/** Whether every change puts a host in place of one with the same names, or adds one: who has a name is told by the names alone. */
export function isCarriedOver(held: Hosts, changes: HostChanges): boolean {
  if (changes.size > CARRIED_MOST) return false;
  for (const [name, host] of changes) {
    const before = held.get(name);
    if (before === undefined && host !== undefined) continue;
    if (before === undefined || host === undefined || !isNamedAlike(before, host)) return false;
  }
  return true;
}

function isNamedAlike(one: ServedHost, other: ServedHost): boolean {
  return (
    one.port === other.port &&
    isSameList(one.domains, other.domains) &&
    isSameList(one.portDomains ?? one.domains, other.portDomains ?? other.domains)
  );
}

/** Brings the indexes up to date in place. */
export function carryOver(indexes: HostIndexes, held: Hosts, changes: HostChanges): HostIndexes {
  for (const [name, host] of changes) {
    if (host === undefined) continue;
    const before = held.get(name);
    indexes.hosts.put(before, host, host.domains);
    for (const [port, index] of indexes.portHosts) index.put(before, host, domainsOnPort(host, port));
  }
  return indexes;
}

/** Indexes of the hosts as they will be. */
export async function indexHosts(
  held: Hosts,
  changes: HostChanges,
  { servicePorts, slices }: { servicePorts: readonly number[]; slices: Slices },
): Promise<HostIndexes> {
  const hosts = new HostIndex<ServedHost>();
  const portHosts = new Map(servicePorts.map((port) => [port, new HostIndex<ServedHost>()]));
  for (const host of changed(held, changes)) {
    if (slices.isOver) await slices.next();
    hosts.add(host, host.domains);
    for (const [port, index] of portHosts) index.add(host, domainsOnPort(host, port));
  }
  return { hosts, portHosts };
}

/** A host that is replaced stays where it is, and a new one comes last. */
function* changed(held: Hosts, changes: HostChanges): Generator<ServedHost> {
  for (const [name, host] of held) {
    const now = changes.has(name) ? changes.get(name) : host;
    if (now !== undefined) yield now;
  }
  for (const [name, host] of changes) if (host !== undefined && !held.has(name)) yield host;
}
