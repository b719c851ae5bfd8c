/** A virtual host as a worker serves it: its routes, and what is made ready once for each of them. */

import type { BuiltVirtualHost } from '../mesh/table/built-table.ts';
import { type BuiltRoute, buildRoute } from '../mesh/table/match-route.ts';
import type { BlockPicker } from '../mesh/table/pick-cluster.ts';
import { RouteIndex } from '../mesh/table/route-index.ts';
import type { Route, VirtualHost } from '../mesh/table/route-table.ts';
import { buildRouteState, type RouteState } from './route-state.ts';
import type { Slices } from './slices.ts';

export type ServedHost = BuiltVirtualHost & {
  /** By the position of the route. */
  states: readonly RouteState[];
};

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
  for (const { route, picker } of before?.states ?? []) {
    if (picker !== undefined) pickers.set(splitKey(route), picker);
  }
  const routes: BuiltRoute[] = [];
  const states: RouteState[] = [];
  const index = new RouteIndex();
  for (const route of described) {
    const built = buildRoute(route, routes.length);
    routes.push(built);
    index.add(built);
    const picker = pickers.size === 0 ? undefined : pickers.get(splitKey(route));
    states.push(buildRouteState(route, picker, random));
    if (slices.isOver) await slices.next();
  }
  return { name, domains, port, portDomains, routes, index, states };
}

function splitKey({ name, action }: Route): string {
  const split = action.kind === 'forward' ? action.clusters.map(({ cluster, weight }) => [cluster, weight]) : null;
  return JSON.stringify([name, split]);
}
