/**
 * A route table with its indexes and regular expressions, as the data path reads it. Built per virtual host, so that whoever
 * serves it can build in slices and keep what did not change.
 */

import { type BuiltRoute, buildRoute, matchHolds, type RequestHead } from './match-route.ts';
import { RouteIndex } from './route-index.ts';
import type { RouteTable, VirtualHost } from './route-table.ts';

export type BuiltVirtualHost<Built extends BuiltRoute = BuiltRoute> = {
  name: string;
  domains: readonly string[];
  port?: number | undefined;
  portDomains?: readonly string[] | undefined;
  routes: readonly Built[];
  /** Of the same routes. */
  index: RouteIndex<Built>;
};

export type BuiltTable = {
  readonly version: number;
  readonly hosts: HostIndex;
  readonly table: RouteTable;
};

/** Compiles the routes of one virtual host. @throws when a regular expression is not valid RE2 */
export function buildVirtualHost(host: VirtualHost): BuiltVirtualHost {
  const { name, domains, port, portDomains } = host;
  const routes = host.routes.map(buildRoute);
  const index = new RouteIndex();
  for (const route of routes) index.add(route);
  return { name, domains, port, portDomains, routes, index };
}

/** Up to here, looking at one after the other is faster than looking them up. */
const FEW_ROUTES = 8;

/** The first route whose conditions all hold, or `undefined`: then the answer is 404 (flag NR). */
export function matchRoute<Built extends BuiltRoute>(
  { routes, index }: BuiltVirtualHost<Built>,
  head: RequestHead,
): Built | undefined {
  if (routes.length > FEW_ROUTES) return index.find(head);
  for (const route of routes) if (route.match === undefined || matchHolds(route.match, head)) return route;
  return undefined;
}

/** Builds a whole table. @throws when a regular expression is not valid RE2 */
export function buildTable(table: RouteTable): BuiltTable {
  const hosts = new HostIndex(Object.values(table.virtualHosts).map(buildVirtualHost));
  return { version: table.version, hosts, table };
}

/** What callers on one port of the services see. */
export function hostsOfPort(hosts: readonly BuiltVirtualHost[], port: number): HostIndex {
  const index = new HostIndex();
  for (const host of hosts) index.add(host, domainsOnPort(host, port));
  return index;
}

/**
 * The domains of a host for callers on one port of the services; none when it is not there. A host of no port in particular is on
 * all of them. The port in Host means nothing there (envoy-facts: Host selection).
 */
export function domainsOnPort(host: BuiltVirtualHost, port: number): readonly string[] {
  if (host.port !== undefined && host.port !== port) return [];
  return host.portDomains ?? host.domains;
}

/**
 * From the Host of a request to its virtual host: exact domain, else the longest suffix after a `*`, else `*` (istio.md 2.5).
 * A port in Host is ignored, unless some virtual host carries it in a domain: then that one is meant (a further port of a
 * service with several).
 */
export class HostIndex<Host extends BuiltVirtualHost = BuiltVirtualHost> {
  readonly #exact = new Map<string, Host>();
  /** What follows the `*` to virtual host. */
  readonly #suffixes = new Map<string, Host>();
  /** Lengths of the suffixes, longest first. */
  readonly #suffixLengths: number[] = [];
  #any: Host | undefined;
  /** Requests that follow each other are often for the same host. */
  #lastAuthority: string | undefined;
  #lastFound: Host | undefined;

  constructor(hosts: Iterable<Host> = []) {
    for (const host of hosts) this.add(host, host.domains);
  }

  /** Of two hosts that claim one domain the first keeps it. */
  add(host: Host, domains: readonly string[]): void {
    for (const domain of domains) this.#add(domain, host);
  }

  /** Has `host` where `before` was found, and adds it where nobody was. */
  put(before: Host | undefined, host: Host, domains: readonly string[]): void {
    this.#lastAuthority = undefined;
    for (const domain of domains) {
      if (before !== undefined && this.#holderOf(domain) === before) this.#replace(domain, host);
      else this.#add(domain, host);
    }
  }

  /** @param authority Host as received, in any case, with or without a port; @returns `undefined` when nobody has it */
  find(authority: string): Host | undefined {
    if (authority !== this.#lastAuthority) {
      this.#lastFound = this.#find(authority.toLowerCase());
      this.#lastAuthority = authority;
    }
    return this.#lastFound;
  }

  #find(name: string): Host | undefined {
    const whole = this.#exact.get(name);
    if (whole !== undefined) return whole;
    const host = withoutPort(name);
    return (host === name ? undefined : this.#exact.get(host)) ?? this.#findSuffix(host) ?? this.#any;
  }

  #add(domain: string, host: Host): void {
    if (domain === '*') this.#any ??= host;
    else if (domain.startsWith('*')) this.#addSuffix(domain.slice(1), host);
    else setOnce(this.#exact, domain, host);
  }

  #holderOf(domain: string): Host | undefined {
    if (domain === '*') return this.#any;
    return domain.startsWith('*') ? this.#suffixes.get(domain.slice(1)) : this.#exact.get(domain);
  }

  #replace(domain: string, host: Host): void {
    if (domain === '*') this.#any = host;
    else if (domain.startsWith('*')) this.#suffixes.set(domain.slice(1), host);
    else this.#exact.set(domain, host);
  }

  #addSuffix(suffix: string, host: Host): void {
    setOnce(this.#suffixes, suffix, host);
    if (this.#suffixLengths.includes(suffix.length)) return;
    this.#suffixLengths.push(suffix.length);
    this.#suffixLengths.sort((a, b) => b - a);
  }

  // At least one character has to stand in place of the `*`.
  #findSuffix(host: string): Host | undefined {
    for (const length of this.#suffixLengths) {
      const found = length < host.length ? this.#suffixes.get(host.slice(-length)) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function setOnce<Host>(map: Map<string, Host>, key: string, host: Host): void {
  if (!map.has(key)) map.set(key, host);
}

/** Cuts what follows the last colon, whatever it is (a port that is no number is ignored as well); `[::1]:80` is `[::1]`. */
function withoutPort(host: string): string {
  const colonAt = host.lastIndexOf(':');
  return colonAt === -1 || host.indexOf(']', colonAt) !== -1 ? host : host.slice(0, colonAt);
}
