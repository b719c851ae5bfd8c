/**
 * A route table with its indexes and regular expressions, as the data path reads it. Built per virtual host, so that whoever
 * serves it can build in slices and keep what did not change.
 */

import { type BuiltRoute, buildRoute } from './match-route.ts';
import type { RouteTable, VirtualHost } from './route-table.ts';

export type BuiltVirtualHost = {
  name: string;
  domains: readonly string[];
  port?: number | undefined;
  portDomains?: readonly string[] | undefined;
  routes: readonly BuiltRoute[];
};

export type BuiltTable = {
  readonly version: number;
  readonly hosts: HostIndex;
  readonly table: RouteTable;
};

/** Compiles the routes of one virtual host. @throws when a regular expression is not valid RE2 */
export function buildVirtualHost(host: VirtualHost): BuiltVirtualHost {
  const { name, domains, port, portDomains } = host;
  return { name, domains, port, portDomains, routes: host.routes.map(buildRoute) };
}

/** Builds a whole table. @throws when a regular expression is not valid RE2 */
export function buildTable(table: RouteTable): BuiltTable {
  const hosts = new HostIndex(Object.values(table.virtualHosts).map(buildVirtualHost));
  return { version: table.version, hosts, table };
}

/** What callers on one port of the services see, with the hosts of no port in particular: there the port in Host means nothing (envoy-facts: Host selection). */
export function hostsOfPort(hosts: readonly BuiltVirtualHost[], port: number): HostIndex {
  const mine = hosts.filter((host) => host.port === undefined || host.port === port);
  return new HostIndex(mine.map((host) => ({ ...host, domains: host.portDomains ?? host.domains })));
}

/**
 * From the Host of a request to its virtual host: exact domain, else the longest suffix after a `*`, else `*` (istio.md 2.5).
 * A port in Host is ignored, unless some virtual host carries it in a domain: then that one is meant (a further port of a
 * service with several).
 */
export class HostIndex {
  readonly #exact = new Map<string, BuiltVirtualHost>();
  /** What follows the `*` to virtual host. */
  readonly #suffixes = new Map<string, BuiltVirtualHost>();
  /** Lengths of the suffixes, longest first. */
  readonly #suffixLengths: readonly number[];
  #any: BuiltVirtualHost | undefined;
  /** Requests that follow each other are often for the same host. */
  #lastAuthority: string | undefined;
  #lastFound: BuiltVirtualHost | undefined;

  /** Of two hosts that claim one domain the first keeps it. */
  constructor(hosts: Iterable<BuiltVirtualHost>) {
    for (const host of hosts) for (const domain of host.domains) this.#add(domain, host);
    const lengths = new Set(Array.from(this.#suffixes.keys(), (suffix) => suffix.length));
    this.#suffixLengths = [...lengths].sort((a, b) => b - a);
  }

  /** @param authority Host as received, in any case, with or without a port; @returns `undefined` when nobody has it */
  find(authority: string): BuiltVirtualHost | undefined {
    if (authority !== this.#lastAuthority) {
      this.#lastFound = this.#find(authority.toLowerCase());
      this.#lastAuthority = authority;
    }
    return this.#lastFound;
  }

  #find(name: string): BuiltVirtualHost | undefined {
    const whole = this.#exact.get(name);
    if (whole !== undefined) return whole;
    const host = withoutPort(name);
    return (host === name ? undefined : this.#exact.get(host)) ?? this.#findSuffix(host) ?? this.#any;
  }

  #add(domain: string, host: BuiltVirtualHost): void {
    if (domain === '*') this.#any ??= host;
    else if (domain.startsWith('*')) setOnce(this.#suffixes, domain.slice(1), host);
    else setOnce(this.#exact, domain, host);
  }

  // At least one character has to stand in place of the `*`.
  #findSuffix(host: string): BuiltVirtualHost | undefined {
    for (const length of this.#suffixLengths) {
      const found = length < host.length ? this.#suffixes.get(host.slice(-length)) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function setOnce(map: Map<string, BuiltVirtualHost>, key: string, host: BuiltVirtualHost): void {
  if (!map.has(key)) map.set(key, host);
}

/** Cuts what follows the last colon, whatever it is (a port that is no number is ignored as well); `[::1]:80` is `[::1]`. */
function withoutPort(host: string): string {
  const colonAt = host.lastIndexOf(':');
  return colonAt === -1 || host.indexOf(']', colonAt) !== -1 ? host : host.slice(0, colonAt);
}
