/** The ways in which traffic gets to a canary. */

import { closeClean } from './close-shop.ts';
import { must } from './must.ts';
import { isActive, isPromoted, type Scenario, waitsForGate } from './phases.ts';
import { QUICK_ANALYSIS, QUICK_CHECKS, Shop } from './shop.ts';

export const STRATEGY_SCENARIOS: Record<string, Scenario> = {
  'requests of staff all go to the canary while everybody else is split': async (world) => {
    const match = [{ headers: { 'user-type': { exact: 'internal' } } }];
    const analysis = {
      ...QUICK_ANALYSIS,
      stages: [{ name: 'staff', weight: 10, match, duration: '3s', approval: 'required' as const }],
    };
    const shop = await Shop.open(world, { analysis });
    await shop.release({ VERSION: 'v2' });
    await shop.until('the gate', waitsForGate);
    for (let i = 0; i < 20; i++) {
      must((await shop.ask({ 'user-type': 'internal' })).version === 'v2', 'staff is served by v2');
    }
    must((await shop.sluice('approve')).code === 0, 'the approval is applied');
    await shop.until('the promotion', isPromoted);
    await closeClean(shop);
  },

  'A/B testing sends the matching requests to the canary, and nobody else': async (world) => {
    const analysis = {
      interval: '1s',
      threshold: 2,
      iterations: 3,
      match: [{ headers: { 'user-type': { exact: 'internal' } } }],
      metrics: QUICK_CHECKS,
    };
    const shop = await Shop.open(world, { analysis });
    await shop.release({ VERSION: 'v2' });
    await shop.untilReleasing('the test', isActive('ab-test'));
    must((await shop.ask({ 'user-type': 'internal' })).version === 'v2', 'staff is served by v2');
    await shop.until('the promotion', isPromoted);
    await closeClean(shop);
  },

  'weights in steps are promoted like stages': async (world) => {
    const analysis = { interval: '1s', threshold: 2, stepWeight: 25, maxWeight: 50, metrics: QUICK_CHECKS };
    const shop = await Shop.open(world, { analysis });
    await shop.release({ VERSION: 'v2' });
    await shop.until('the promotion', isPromoted);
    must((await shop.ask()).version === 'v2', 'the primary serves v2');
    await closeClean(shop);
  },

  'blue/green switches over after its iterations': async (world) => {
    const analysis = { interval: '1s', threshold: 2, iterations: 2, metrics: [] };
    const shop = await Shop.open(world, { analysis });
    await shop.release({ VERSION: 'v2' });
    await shop.until('the promotion', isPromoted);
    must((await shop.ask()).version === 'v2', 'the primary serves v2');
    await closeClean(shop);
  },

  'a mirrored canary is judged by its copies, and switched over': async (world) => {
    const analysis = { interval: '1s', threshold: 2, iterations: 2, mirror: true, metrics: QUICK_CHECKS };
    const shop = await Shop.open(world, { analysis });
    await shop.release({ VERSION: 'v2' });
    await shop.until('the promotion', isPromoted);
    must((await shop.ask()).version === 'v2', 'the primary serves v2');
    await closeClean(shop);
  },
};
