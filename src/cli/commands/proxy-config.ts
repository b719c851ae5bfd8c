/** `sluice proxy-config`: what a running proxy serves, as tables in the shapes of istioctl (istio.md 12.4), or as JSON and YAML. */

import { stringify } from 'yaml';
import type { ClusterDump, EndpointDump, ListenerDump, ProxyDump } from '../../mesh/table/proxy-dump.ts';
import type { RouteMatch, VirtualHost } from '../../mesh/table/route-table.ts';
import { readClusterName } from '../cluster-parts.ts';
import { type Column, renderColumns } from '../columns.ts';
import { EXIT } from '../exit-code.ts';
import type { Surroundings } from '../surroundings.ts';

export const CONFIG_FORMATS = ['short', 'json', 'yaml'] as const;

/** Absent filters let everything through. */
export type ConfigQuery = {
  adminUrl: string;
  output: (typeof CONFIG_FORMATS)[number];
  fqdn?: string;
  port?: number;
  subset?: string;
  direction?: string;
  /** Of a route: the port of the services, or the virtual host. */
  name?: string;
  address?: string;
  cluster?: string;
  status?: string;
};

type Asking = Pick<Surroundings, 'askAdmin' | 'stdout' | 'stderr'>;

export async function showClusters(query: ConfigQuery, asking: Asking): Promise<number> {
  const clusters = await asking.askAdmin<ClusterDump[]>(query.adminUrl, '/clusters');
  const rows = clusters
    .map((cluster) => ({ ...readClusterName(cluster.name), cluster }))
    .filter(
      ({ host, port, subset, direction }) =>
        fits(query.fqdn, host) &&
        fits(query.port, Number(port)) &&
        fits(query.subset, subset) &&
        fits(query.direction, direction),
    )
    .sort((a, b) =>
      compare(`${a.host} ${a.port.padStart(5)} ${a.subset}`, `${b.host} ${b.port.padStart(5)} ${b.subset}`),
    );
  const columns: Column<(typeof rows)[number]>[] = [
    { header: 'SERVICE FQDN', cell: ({ host }) => host },
    { header: 'PORT', cell: ({ port }) => port },
    { header: 'SUBSET', cell: ({ subset }) => subset || '-' },
    { header: 'DIRECTION', cell: ({ direction }) => direction },
    { header: 'TYPE', cell: ({ cluster }) => discoveryOf(cluster) },
    { header: 'DESTINATION RULE', cell: ({ cluster }) => (cluster.destinationRules ?? []).map(dotted).join(', ') },
  ];
  return print(rows, { query, columns, whole: ({ cluster }) => cluster }, asking);
}

/** How the endpoints are found: from the API server, or by name. */
function discoveryOf({ endpoints }: ClusterDump): string {
  const isName = ({ address }: EndpointDump) => !/^(\[.*\]|[\d.]+):\d+$/.test(address);
  return endpoints.some(isName) ? 'STRICT_DNS' : 'EDS';
}

export async function showEndpoints(query: ConfigQuery, asking: Asking): Promise<number> {
  const clusters = await asking.askAdmin<ClusterDump[]>(query.adminUrl, '/clusters');
  const rows = clusters
    .flatMap(({ name, endpoints }) => endpoints.map((endpoint) => ({ ...endpoint, cluster: name })))
    .filter(
      (endpoint) =>
        fits(query.cluster, endpoint.cluster) &&
        fits(query.address, hostOf(endpoint.address)) &&
        fits(query.port, Number(portOf(endpoint.address))) &&
        fits(query.status?.toUpperCase(), statusOf(endpoint)),
    )
    .sort((a, b) => compare(`${a.cluster} ${a.address}`, `${b.cluster} ${b.address}`));
  const columns: Column<(typeof rows)[number]>[] = [
    { header: 'NAME', cell: ({ address }) => address },
    { header: 'STATUS', cell: statusOf },
    { header: 'LOCALITY', cell: ({ locality }) => locality ?? '-' },
    { header: 'CLUSTER', cell: ({ cluster }) => cluster },
  ];
  return print(rows, { query, columns, whole: (row) => ({ ...row, status: statusOf(row) }) }, asking);
}

function statusOf({ isEjected }: EndpointDump): string {
  return isEjected ? 'UNHEALTHY' : 'HEALTHY';
}

export async function showListeners(query: ConfigQuery, asking: Asking): Promise<number> {
  const listeners = await asking.askAdmin<ListenerDump[]>(query.adminUrl, '/listeners');
  const rows = listeners.filter(({ address, port }) => fits(query.address, address) && fits(query.port, port));
  const columns: Column<ListenerDump>[] = [
    { header: 'ADDRESSES', cell: ({ address }) => address },
    { header: 'PORT', cell: ({ port }) => String(port) },
    { header: 'MATCH', cell: () => 'ALL' },
    {
      header: 'DESTINATION',
      cell: ({ servicePort }) => (servicePort === undefined ? 'Route: every port, by Host' : `Route: ${servicePort}`),
    },
  ];
  return print(rows, { query, columns, whole: (listener) => listener }, asking);
}

type RouteRow = { route: string; host: VirtualHost; match: string; virtualService: string };

export async function showRoutes(query: ConfigQuery, asking: Asking): Promise<number> {
  const { table } = await asking.askAdmin<ProxyDump>(query.adminUrl, '/config_dump');
  const hosts = Object.values(table.virtualHosts)
    .map((host) => ({ host, route: host.port === undefined ? 'any' : String(host.port) }))
    .filter(({ host, route }) => query.name === undefined || [route, host.name].includes(query.name))
    .sort((a, b) => compare(`${a.route.padStart(5)} ${a.host.name}`, `${b.route.padStart(5)} ${b.host.name}`));
  const rows = hosts.flatMap(({ host, route }): RouteRow[] => {
    if (host.routes.length === 0) return [{ route, host, match: '/*', virtualService: '404' }];
    return host.routes.map(({ match, virtualService }) => ({
      route,
      host,
      match: matchText(match),
      virtualService: virtualService === undefined ? '' : dotted(virtualService),
    }));
  });
  const columns: Column<RouteRow>[] = [
    { header: 'NAME', cell: ({ route }) => route },
    { header: 'VHOST NAME', cell: ({ host }) => host.name },
    { header: 'DOMAINS', cell: ({ host }) => domainsText(host.domains) },
    { header: 'MATCH', cell: ({ match }) => match },
    { header: 'VIRTUAL SERVICE', cell: ({ virtualService }) => virtualService },
  ];
  if (query.output === 'short') return print(rows, { query, columns, whole: ({ host }) => host }, asking);
  const hostRows = hosts.map(({ host }) => host);
  return print(hostRows, { query, columns: [], whole: (host) => host }, asking);
}

function domainsText([first = '-', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} + ${others.length} more...`;
}

/** The path, as istioctl writes it: `/get*` for a prefix, `~` before a regular expression; what else is asked stands behind. */
function matchText({ uri, ...others }: RouteMatch = {}): string {
  const further = Object.keys(others).some((key) => key !== 'ignoreUriCase') ? ' & more' : '';
  switch (uri?.kind) {
    case 'exact':
      return uri.value + further;
    case 'prefix':
      return `${uri.value}*${further}`;
    case 'regex':
      return `~${uri.value}${further}`;
    default:
      return `/*${further}`;
  }
}

type Printing<T> = { query: ConfigQuery; columns: readonly Column<T>[]; whole: (row: T) => unknown };

function print<T>(rows: readonly T[], { query, columns, whole }: Printing<T>, { stdout, stderr }: Asking): number {
  switch (query.output) {
    case 'json':
      stdout.write(`${JSON.stringify(rows.map(whole), null, 2)}\n`);
      break;
    case 'yaml':
      stdout.write(stringify(rows.map(whole), { lineWidth: 0, aliasDuplicateObjects: false }));
      break;
    case 'short':
      if (rows.length === 0) stderr.write('The proxy has none\n');
      else stdout.write(`${renderColumns(columns, rows)}\n`);
      break;
    default:
      query.output satisfies never;
  }
  return EXIT.ok;
}

function fits<T>(wanted: T | undefined, found: T): boolean {
  return wanted === undefined || wanted === found;
}

/** `namespace/name` as istioctl writes it: `name.namespace`. */
function dotted(name: string): string {
  return name.split('/').reverse().join('.');
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
