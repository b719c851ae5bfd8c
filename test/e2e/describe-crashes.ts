/** One suite of crashes: a world with a shop for every phase of a rollout, and in each of them a victim. */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { World } from '../support/world.ts';
import { closeAfter } from './close-shop.ts';
import { type Crash, CrashSite } from './crash-site.ts';
import { CRASH_POINTS } from './phases.ts';
import type { Shop } from './shop.ts';

type CrashSuite = {
  /** Who is killed, by name. Several take turns, so that each meets every part of a rollout's life. */
  victims: Readonly<Record<string, Crash>>;
  start?: () => Promise<World>;
  /** Ends the traffic of a shop and judges it; unless stated, what was lost must have been lost while the victim was away. */
  close?: (shop: Shop, site: CrashSite) => Promise<unknown>;
};

export function describeCrashes(
  title: string,
  { victims, start = World.start, close = closeExplained }: CrashSuite,
): void {
  const names = Object.keys(victims);
  const cases = Object.keys(CRASH_POINTS).map((point, index) => [names[index % names.length] ?? '', point] as const);

  describe(title, () => {
    let world: World;
    let site: CrashSite;
    beforeAll(async () => {
      world = await start();
      site = await CrashSite.open(world);
    });
    afterAll(() => world?.stop());

    test.concurrent.each(cases)('%s is killed while %s', async (victim, point) => {
      await close(await site.survive(point, victims[victim] as Crash), site);
    });
  });
}

function closeExplained(shop: Shop, { outages }: CrashSite): Promise<unknown> {
  return closeAfter(shop, outages);
}
