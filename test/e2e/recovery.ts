/** Waiting until what was killed is back: events end the waits, the patience only ends a hopeless one. */

import { once } from 'node:events';
import { watch } from 'node:fs';
import { systemClock } from '../../src/lib/clock.ts';
import type { World } from '../support/world.ts';
import type { Shop } from './shop.ts';

const PATIENCE_MS = 120_000;

/** Resolves when the service answers through the proxy. */
export async function returned(shop: Shop, version?: string): Promise<void> {
  const until = systemClock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    const answer = await shop.ask().catch((error: Error) => ({ status: 0, version: error.message }));
    if (answer.status === 200 && (version === undefined || answer.version === version)) return;
    if (systemClock.monotonicMs() > until) throw new Error(`Asked in vain: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Resolves when the processes of the world have been recorded such that `holds`. */
export async function untilChildren(
  world: World,
  holds: (children: { control: number; proxy: number }) => boolean,
): Promise<void> {
  const watcher = watch(world.dataDir);
  const abort = AbortSignal.timeout(PATIENCE_MS);
  try {
    for (let known = world.recorded(); known === undefined || !holds(known); known = world.recorded()) {
      await once(watcher, 'change', { signal: abort });
    }
  } finally {
    watcher.close();
  }
}

/** Resolves when the proxy's parent says that all its workers serve the newest table. */
export async function proxyIsReady({ ready: { adminUrl } }: World): Promise<void> {
  const until = systemClock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    const status = await fetch(`${adminUrl}/readyz`).then(
      ({ status }) => status,
      () => 0,
    );
    if (status === 200) return;
    if (systemClock.monotonicMs() > until) throw new Error(`The proxy is not ready: ${status}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
