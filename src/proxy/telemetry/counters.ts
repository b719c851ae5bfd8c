/** Counters of the proxy itself, next to Istio's: what was refused, dropped and retried. Few and rare, so a map will do. */

/** `name{label="value"}` to what was added. */
export type CounterDeltas = Record<string, number>;

export class Counters {
  #added = new Map<string, number>();

  add(series: string, amount = 1): void {
    this.#added.set(series, (this.#added.get(series) ?? 0) + amount);
  }

  takeDeltas(): CounterDeltas {
    const deltas = Object.fromEntries(this.#added);
    this.#added = new Map();
    return deltas;
  }
}
