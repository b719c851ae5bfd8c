/**
 * The routes of one virtual host, by what they ask of the path: with thousands of rules only those are looked at whose exact
 * path or prefix the request has, and those that ask for neither. Which route takes a request is the same as in the list.
 */

import { type BuiltRoute, matchHolds, pathOf, type RequestHead } from './match-route.ts';

export class RouteIndex {
  readonly #exact = new Map<string, BuiltRoute[]>();
  readonly #prefixes = new Map<string, BuiltRoute[]>();
  /** Lengths of prefixes, each once. */
  readonly #lengths: number[] = [];
  /** Routes without a path, or with one that is matched in another way. */
  readonly #others: BuiltRoute[] = [];

  /** Takes routes in the order of the list. */
  add(built: BuiltRoute): void {
    const { uri, ignoreUriCase } = built.route.match ?? {};
    if (uri?.kind === 'exact' && ignoreUriCase !== true) append(this.#exact, uri.value, built);
    else if (uri?.kind === 'prefix' && ignoreUriCase !== true) {
      append(this.#prefixes, uri.value, built);
      if (!this.#lengths.includes(uri.value.length)) this.#lengths.push(uri.value.length);
    } else this.#others.push(built);
  }

  /** The first route of the list whose conditions all hold. */
  find(head: RequestHead): BuiltRoute | undefined {
    const path = pathOf(head.path);
    let found = firstBefore(undefined, this.#exact.get(path), head);
    for (const length of this.#lengths) {
      if (length <= path.length) found = firstBefore(found, this.#prefixes.get(path.slice(0, length)), head);
    }
    return firstBefore(found, this.#others, head);
  }
}

function append(routes: Map<string, BuiltRoute[]>, path: string, route: BuiltRoute): void {
  const known = routes.get(path);
  if (known === undefined) routes.set(path, [route]);
  else known.push(route);
}

/** The first of `routes` that takes the request, unless `found` stands before it. */
function firstBefore(
  found: BuiltRoute | undefined,
  routes: readonly BuiltRoute[] | undefined,
  head: RequestHead,
): BuiltRoute | undefined {
  for (const route of routes ?? []) {
    if (found !== undefined && found.index < route.index) return found;
    if (route.match === undefined || matchHolds(route.match, head)) return route;
  }
  return found;
}
