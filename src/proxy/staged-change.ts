/** The pieces of a change of the table that have come so far (parent/change-chunks.ts). */

import type { TableItem } from '../mesh/table/handover.ts';
import type { Route } from '../mesh/table/route-table.ts';

export class StagedChange {
  #puts: TableItem[] = [];
  #shared = new SharedParts();
  /** Routes of the virtual host that came last, to which further ones are added. */
  #routes: Route[] = [];

  /** @param puts of which the first may go on where the last one before left off */
  add(puts: readonly TableItem[]): void {
    for (const item of puts) {
      const last = this.#puts.at(-1);
      if (item.kind !== 'virtualHost') this.#puts.push(item);
      else if (last?.kind === 'virtualHost' && last.name === item.name) this.#addRoutes(item.value.routes);
      else {
        this.#routes = [];
        this.#addRoutes(item.value.routes);
        this.#puts.push({ ...item, value: { ...item.value, routes: this.#routes } });
      }
    }
  }

  /** All of it, which is forgotten here. */
  take(): readonly TableItem[] {
    const puts = this.#puts;
    this.#puts = [];
    this.#routes = [];
    this.#shared = new SharedParts();
    return puts;
  }

  #addRoutes(routes: readonly Route[]): void {
    for (const route of routes) this.#routes.push(this.#shared.withShared(route));
  }
}

/**
 * Equal parts of routes as one object each. Thousands of rules do the same with different paths: what is shared needs neither be kept
 * in memory nor moved about by the garbage collector many times over.
 */
class SharedParts {
  readonly #byText = new Map<string, unknown>();

  withShared(route: Route): Route {
    const { match, action, retry } = route;
    return {
      ...route,
      // Those that ask for a path seldom have an equal.
      ...(match !== undefined && match.uri === undefined && { match: this.#one(match) }),
      action: this.#one(action),
      ...(retry && { retry: this.#one(retry) }),
    };
  }

  #one<Part>(part: Part): Part {
    const text = JSON.stringify(part);
    const known = this.#byText.get(text) as Part | undefined;
    if (known === undefined) this.#byText.set(text, part);
    return known ?? part;
  }
}
