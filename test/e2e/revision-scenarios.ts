/** What becomes of revisions: good and bad ones, and those that arrive, leave or never start in the middle of it all. */

import { CANARY } from '../../src/canary/canary.schema.ts';
import { DEPLOYMENT } from '../../src/kube/resource-types.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import type { World } from '../support/world.ts';
import { closeClean } from './close-shop.ts';
import { must } from './must.ts';
import { isActive, isPromoted, isTakenBack, type Scenario, waitsForGate } from './phases.ts';
import { GATED_ANALYSIS, Shop } from './shop.ts';

/** One good and one bad release: what `npm test` runs. */
export const SMOKE_SCENARIOS: Record<string, Scenario> = {
  'a good release is promoted, and no request is lost': async (world) => {
    const shop = await Shop.open(world);
    await shop.release({ VERSION: 'v2' });
    await shop.until('the promotion of v2', isPromoted);
    await shop.answeredBy('v2');
    must((await shop.ask()).version === 'v2', 'the primary serves v2');
    await closeClean(shop);
  },

  'a bad release is taken back, with metric, value, bound and stage in words': async (world) => {
    const shop = await Shop.open(world);
    await shop.release({ VERSION: 'v2', FAIL_PERCENT: '50' });
    const { reason } = await shop.until('the rollback of v2', isTakenBack);
    for (const word of ['request-success-rate', '99', 'few']) must(reason.includes(word), `"${reason}" names ${word}`);
    must((await shop.ask()).version === 'v1', 'the primary serves v1');
    await closeClean(shop);
  },
};

export const REVISION_SCENARIOS: Record<string, Scenario> = {
  ...SMOKE_SCENARIOS,

  'a new revision in the middle is what gets analysed and promoted': async (world) => {
    const shop = await Shop.open(world);
    await shop.release({ VERSION: 'v2' });
    const middle = await shop.untilReleasing('the last stage of v2', isActive('half'));
    await shop.release({ VERSION: 'v3' });
    const restarted = await shop.until(
      'the first stage of v3',
      (view) => view.revision !== middle.revision && isActive('few')(view),
    );
    must(restarted.failures.count === 0, 'the new run starts with a clean slate');
    await shop.until('the promotion of v3', (view) => isPromoted(view) && view.promotedRevision === restarted.revision);
    must((await shop.ask()).version === 'v3', 'the primary serves v3');
    must(!shop.outcomes.slice(-50).some(({ version }) => version === 'v2'), 'nobody is served by v2 any more');
    await closeClean(shop);
  },

  'going back to the promoted revision ends the run at once': async (world) => {
    const shop = await Shop.open(world, { analysis: GATED_ANALYSIS });
    await shop.release({ VERSION: 'v2' });
    await shop.until('the gate', waitsForGate);
    await shop.release({ VERSION: 'v1' });
    await shop.until('the end of the run', (view) => view.revision === view.promotedRevision && view.weight === 0);
    must((await shop.ask()).version === 'v1', 'the primary serves v1');
    await closeClean(shop);
  },

  'a canary that answers only 500 is taken back, not waited for': async (world) => {
    const shop = await Shop.open(world);
    await shop.release({ VERSION: 'v2', FAIL_PERCENT: '100' });
    const { reason } = await shop.until('the rollback', isTakenBack);
    must(reason.includes('request-success-rate') && /\b0\b/.test(reason), `"${reason}" says that the rate is 0`);
    await closeClean(shop);
  },

  'a canary that never becomes ready is taken back after its deadline, and got no traffic': async (world) => {
    const shop = await Shop.open(world, { progressDeadlineSeconds: 6 });
    await shop.release({ VERSION: 'v2', START_DELAY_MS: '600000' });
    const { reason } = await shop.until('the rollback', isTakenBack);
    must(/ready|deadline/i.test(reason), `"${reason}" says that it never became ready`);
    must(!shop.outcomes.some(({ version }) => version === 'v2'), 'nobody was sent to v2');
    await closeClean(shop);
  },

  'a Canary that is deleted in the middle leaves the service answering': async (world) => {
    const shop = await Shop.open(world);
    await shop.release({ VERSION: 'v2' });
    await shop.untilReleasing('the first stage', isActive('few'));
    const ref = { namespace: shop.namespace, name: shop.name };
    await world.client.delete(CANARY, ref);
    await gone(world, shop);
    for (let i = 0; i < 20; i++) must((await shop.ask()).status === 200, 'the service answers');
    await closeClean(shop);
  },

  'scaling the target by hand is no new revision': async (world) => {
    const shop = await Shop.open(world);
    const { revision } = await shop.view();
    const ref = { namespace: shop.namespace, name: shop.name };
    const target = await world.client.get<KubeObject>(DEPLOYMENT, ref);
    must(target !== undefined, 'the target is there');
    await world.client.patch(DEPLOYMENT, ref, { spec: { minReadySeconds: 1 } }, { strategy: 'merge' });
    await shop.release({ VERSION: 'v2' });
    await shop.until('the promotion of v2', isPromoted);
    const { history } = await shop.view();
    must(history.length === 1 && history[0]?.revision !== revision, 'there was one release, of v2');
    await closeClean(shop);
  },
};

/** Resolves when the Canary and what it owned are gone, and the target serves by itself. */
async function gone(world: World, shop: Shop): Promise<void> {
  const ref = { namespace: shop.namespace, name: shop.name };
  const primary = { ...ref, name: `${shop.name}-primary` };
  for (;;) {
    const [canary, workload] = await Promise.all([
      world.client.get(CANARY, ref),
      world.client.get(DEPLOYMENT, primary),
    ]);
    if (canary === undefined && workload === undefined) return;
    await shop.ask();
  }
}
