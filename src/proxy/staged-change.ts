/** The pieces of a change of the table that have come so far (parent/change-chunks.ts). */

import type { TableItem } from '../mesh/table/handover.ts';
import type { Route } from '../mesh/table/route-table.ts';

export class StagedChange {
  #puts: TableItem[] = [];
  /** Routes of the virtual host that came last, to which further ones are added. */
  #routes: Route[] = [];

  /** @param puts of which the first may go on where the last one before left off */
  add(puts: readonly TableItem[]): void {
    for (const item of puts) {
      const last = this.#puts.at(-1);
      if (item.kind !== 'virtualHost') this.#puts.push(item);
      else if (last?.kind === 'virtualHost' && last.name === item.name) this.#routes.push(...item.value.routes);
      else {
        this.#routes = [...item.value.routes];
        this.#puts.push({ ...item, value: { ...item.value, routes: this.#routes } });
      }
    }
  }

  /** All of it, which is forgotten here. */
  take(): readonly TableItem[] {
    const puts = this.#puts;
    this.#puts = [];
    this.#routes = [];
    return puts;
  }
}
