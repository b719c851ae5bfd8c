/**
 * The routes of one virtual host, by what they ask of the path: with thousands of rules only those are looked at whose exact
 * path or prefix the request has, and those that ask for neither. Which route takes a request is the same as in the list.
 */

import { type BuiltRoute, matchHolds, pathOf, type RequestHead } from './match-route.ts';

/** Routes in order. A list is one step further away in memory, and of thousands of routes most are alone with their path. */
type OneOrMore<Built> = Built | Built[];

export class RouteIndex<Built extends BuiltRoute = BuiltRoute> {
  readonly #exact = new Map<string, OneOrMore<Built>>();
  readonly #prefixes = new Map<string, OneOrMore<Built>>();
  /** Lengths of prefixes, each once. */
  readonly #lengths: number[] = [];
  /** Routes without a path, or with one that is matched in another way. */
  readonly #others: Built[] = [];

  /** Takes routes in the order of the list. */
  add(built: Built): void {
    const { uri, ignoreUriCase } = built.route.match ?? {};
    if (uri?.kind === 'exact' && ignoreUriCase !== true) append(this.#exact, uri.value, built);
    else if (uri?.kind === 'prefix' && ignoreUriCase !== true) {
      append(this.#prefixes, uri.value, built);
      if (!this.#lengths.includes(uri.value.length)) this.#lengths.push(uri.value.length);
    } else this.#others.push(built);
  }

  /** The first route of the list whose conditions all hold. */
  find(head: RequestHead): Built | undefined {
    const path = pathOf(head.path);
    let found = firstOf(undefined, this.#exact.get(path), head);
    for (const length of this.#lengths) {
      if (length <= path.length) found = firstOf(found, this.#prefixes.get(path.slice(0, length)), head);
    }
    for (const route of this.#others) {
      if (found !== undefined && found.index < route.index) return found;
      if (route.match === undefined || matchHolds(route.match, head)) return route;
    }
    return found;
  }
}

function append<Built>(routes: Map<string, OneOrMore<Built>>, path: string, route: Built): void {
  const known = routes.get(path);
  if (known === undefined) routes.set(path, route);
  else if (Array.isArray(known)) known.push(route);
  else routes.set(path, [known, route]);
}

/** The first of `routes`, which all fit the path, that takes the request, unless `found` stands before it. */
function firstOf<Built extends BuiltRoute>(
  found: Built | undefined,
  routes: OneOrMore<Built> | undefined,
  head: RequestHead,
): Built | undefined {
  if (routes === undefined) return found;
  if (!Array.isArray(routes)) return earlier(found, routes, head) ?? found;
  for (const route of routes) {
    const taker = earlier(found, route, head);
    if (taker !== undefined) return taker;
  }
  return found;
}

/** Whichever of the two stands first in the list and takes the request; `undefined` when the second does not take it. */
function earlier<Built extends BuiltRoute>(
  found: Built | undefined,
  route: Built,
  head: RequestHead,
): Built | undefined {
  if (found !== undefined && found.index < route.index) return found;
  return route.beyondPath === undefined || matchHolds(route.beyondPath, head) ? route : undefined;
}
