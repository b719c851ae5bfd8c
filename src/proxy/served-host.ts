/** A virtual host as a worker serves it: its routes, and what is made ready once for each of them. */

import type { BuiltVirtualHost } from '../mesh/table/built-table.ts';
import { buildRoute } from '../mesh/table/match-route.ts';
import type { BlockPicker } from '../mesh/table/pick-cluster.ts';
import { RouteIndex } from '../mesh/table/route-index.ts';
import type { Route, VirtualHost } from '../mesh/table/route-table.ts';
import { buildRouteState, type RouteState } from './route-state.ts';
import type { Slices } from './slices.ts';

export type ServedHost = BuiltVirtualHost<RouteState>;

/**
 * Builds a virtual host; splits that it had before go on where they were.
 *
 * @throws when a regular expression or a header could not be served
 */
export async function buildServedHost(
  { name, domains, port, portDomains, routes: described }: VirtualHost,
  before: ServedHost | undefined,
  { random, slices }: { random: () => number; slices: Slices },
): Promise<ServedHost> {
  const pickers = new Map<string, BlockPicker>();
  for (const { route, picker } of before?.routes ?? []) {
    if (picker !== undefined) pickers.set(splitKey(route), picker);
  }
  const routes: RouteState[] = [];
  const index = new RouteIndex<RouteState>();
  for (const route of described) {
    const picker = pickers.size === 0 ? undefined : pickers.get(splitKey(route));
    const built = buildRouteState(buildRoute(route, routes.length), picker, random);
    routes.push(built);
    index.add(built);
    if (slices.isOver) await slices.next();
  }
  return { name, domains, port, portDomains, routes, index };
}

function splitKey({ name, action }: Route): string {
  const split = action.kind === 'forward' ? action.clusters.map(({ cluster, weight }) => [cluster, weight]) : null;
  return JSON.stringify([name, split]);
}
