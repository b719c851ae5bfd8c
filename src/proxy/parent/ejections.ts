/**
 * Which endpoints of one cluster are out, and until when (istio.md 5.4). Pure but for its own memory: time comes as an argument.
 * An endpoint that is taken out again and again stays out longer each time, and less long after every look at which it was in.
 */

import type { OutlierPolicy } from '../../mesh/table/route-table.ts';
import { mayEject } from '../upstream/outliers.ts';

/** However often an endpoint was taken out, it comes back after this time, or the base time when that is longer. */
const EJECTION_MOST_MS = 300_000;

type Ejection = { times: number; backAtMs: number | undefined };

export class Ejections {
  readonly #known = new Map<string, Ejection>();

  /** Addresses that are out. */
  get out(): string[] {
    return [...this.#known].filter(([, { backAtMs }]) => backAtMs !== undefined).map(([address]) => address);
  }

  /** Whether anything changes with time. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** @param all number of endpoints of the cluster @returns whether the endpoint was taken out */
  eject(address: string, { all, policy, nowMs }: { all: number; policy: OutlierPolicy; nowMs: number }): boolean {
    const before = this.#known.get(address);
    if (before?.backAtMs !== undefined || !mayEject({ out: this.out.length, all }, policy)) return false;
    const times = (before?.times ?? 0) + 1;
    const lengthMs = Math.min(policy.baseEjectionMs * times, Math.max(EJECTION_MOST_MS, policy.baseEjectionMs));
    this.#known.set(address, { times, backAtMs: nowMs + lengthMs });
    return true;
  }

  /** The look once per interval. @returns whether an endpoint came back */
  sweep(nowMs: number): boolean {
    let cameBack = false;
    for (const [address, ejection] of this.#known) {
      if (ejection.backAtMs === undefined) {
        ejection.times--;
        if (ejection.times <= 0) this.#known.delete(address);
      } else if (ejection.backAtMs <= nowMs) {
        ejection.backAtMs = undefined;
        cameBack = true;
      }
    }
    return cameBack;
  }

  /** Forgets endpoints that the cluster does not have any more. */
  retain(addresses: ReadonlySet<string>): void {
    for (const address of this.#known.keys()) if (!addresses.has(address)) this.#known.delete(address);
  }
}
