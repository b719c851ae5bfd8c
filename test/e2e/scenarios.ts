/**
 * What a rollout does, told as scenarios. Each runs on a platform that it is given: the embedded one, or a real control plane with
 * our controller, proxy and kubelet. The sentence is the name of the test.
 */

import { CANARY } from '../../src/canary/canary.schema.ts';
import { DEPLOYMENT } from '../../src/kube/resource-types.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import type { RolloutView } from '../../src/view/rollout-view.ts';
import type { World } from '../support/world.ts';
import { type Analysis, GATED_ANALYSIS, lastingIn, QUICK_ANALYSIS, QUICK_CHECKS, Shop } from './shop.ts';

export type Scenario = (world: World) => Promise<void>;

/** The stage's split is served: a stage that is only decided upon is not meant. */
const isActive = (stage: string) => (view: RolloutView) =>
  view.state !== 'routing' && view.stages.some(({ name, state }) => name === stage && state === 'active');
const waitsForGate = ({ waitingFor }: RolloutView) => waitingFor?.kind === 'gate';
const isPromoted = ({ phase }: RolloutView) => phase === 'Succeeded';
/** Failed is said as soon as it is decided; the state says that it is done. */
const isTakenBack = ({ phase, state }: RolloutView) => phase === 'Failed' && state === 'rolledBack';

type Phase = { analysis: Analysis; env?: Record<string, string>; reached: (view: RolloutView) => boolean };

/** The phases in which a person may lose patience, how to get there, and the stage that would come to an end meanwhile. */
const PHASES: Record<string, Phase & { stage: string }> = {
  'the canary starts': {
    analysis: QUICK_ANALYSIS,
    stage: 'few',
    env: { START_DELAY_MS: '15000' },
    reached: ({ state }) => state === 'startingCanary',
  },
  'the first stage is analysed': { analysis: QUICK_ANALYSIS, stage: 'few', reached: isActive('few') },
  'a gate waits': { analysis: GATED_ANALYSIS, stage: 'half', reached: waitsForGate },
  'the last stage is analysed': { analysis: QUICK_ANALYSIS, stage: 'half', reached: isActive('half') },
};

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

export const SCENARIOS: Record<string, Scenario> = {
  ...SMOKE_SCENARIOS,

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

  'a rollout waits at its gate until somebody approves, and says so': async (world) => {
    const shop = await Shop.open(world, { analysis: GATED_ANALYSIS });
    await shop.release({ VERSION: 'v2' });
    const waiting = await shop.until('the gate', waitsForGate);
    must(waiting.phase === 'Progressing', `the phase is Progressing: ${waiting.phase}`);
    must(waiting.waitingFor?.gate === 'few', 'the gate is named after its stage');
    must((await shop.sluice('status')).code === 4, 'status ends with 4 while a person is waited for');
    const { code, out } = await shop.sluice('approve', '--stage', 'few', '--reason', 'looks good');
    must(code === 0 && out.startsWith('Applied'), `the approval is applied: ${out}`);
    const { history } = await shop.until('the promotion', isPromoted);
    const [approval] = history[0]?.approvals ?? [];
    must(approval?.gate === 'few' && approval.reason === 'looks good', 'the history names who approved, and why');
    await closeClean(shop);
  },

  'a refused gate takes the release back': async (world) => {
    const shop = await Shop.open(world, { analysis: GATED_ANALYSIS });
    await shop.release({ VERSION: 'v2' });
    await shop.until('the gate', waitsForGate);
    must((await shop.sluice('reject', '--reason', 'not today')).code === 0, 'the refusal is applied');
    const { reason } = await shop.until('the rollback', isTakenBack);
    must(reason.includes('not today'), `"${reason}" says why`);
    await closeClean(shop);
  },

  'a late approval of an older revision opens no gate of a newer one': async (world) => {
    const shop = await Shop.open(world, { analysis: GATED_ANALYSIS });
    await shop.release({ VERSION: 'v2' });
    const old = await shop.until('the gate of v2', waitsForGate);
    await shop.release({ VERSION: 'v3' });
    await shop.until('the gate of v3', (view) => waitsForGate(view) && view.revision !== old.revision);
    const late = await shop.act({ action: 'Approve', revision: old.revision ?? '', gate: 'few' });
    must(late?.outcome === 'Ignored', `the late approval is ignored: ${late?.outcome}`);
    must(waitsForGate(await shop.view()), 'v3 still waits');
    must((await shop.sluice('approve')).code === 0, 'v3 can be approved');
    await shop.until('the promotion of v3', isPromoted);
    must((await shop.ask()).version === 'v3', 'the primary serves v3');
    await closeClean(shop);
  },

  ...Object.fromEntries(
    Object.entries(PHASES).map(([phase, { analysis, stage, env = {}, reached }]): [string, Scenario] => [
      `an abort while ${phase} takes the release back`,
      async (world) => {
        const shop = await Shop.open(world, { analysis: lastingIn(stage, analysis) });
        await shop.release({ VERSION: 'v2', ...env });
        await shop.untilReleasing(phase, reached);
        const { code, out } = await shop.sluice('abort', '--reason', 'stop it');
        must(code === 0, `the abort is applied: ${out}`);
        await shop.until('the rollback', isTakenBack);
        must((await shop.ask()).version === 'v1', 'the primary serves v1');
        await closeClean(shop);
      },
    ]),
  ),

  'a paused rollout stays where it is until it is resumed': async (world) => {
    const shop = await Shop.open(world, { analysis: GATED_ANALYSIS });
    await shop.release({ VERSION: 'v2' });
    await shop.untilReleasing('the first stage', isActive('few'));
    must((await shop.sluice('pause', '--reason', 'lunch')).code === 0, 'the pause is applied');
    const paused = await shop.until('the pause', (view) => view.paused !== undefined);
    must(paused.paused?.reason === 'lunch', 'the pause says why');
    must((await shop.sluice('resume')).code === 0, 'the resume is applied');
    await shop.until('the gate', waitsForGate);
    must((await shop.sluice('approve')).code === 0, 'the approval is applied');
    await shop.until('the promotion', isPromoted);
    await closeClean(shop);
  },

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

  'a failed release can be retried': async (world) => {
    const shop = await Shop.open(world, { analysis: GATED_ANALYSIS });
    await shop.release({ VERSION: 'v2' });
    await shop.until('the gate', waitsForGate);
    must((await shop.sluice('reject')).code === 0, 'the refusal is applied');
    await shop.until('the rollback', isTakenBack);
    must((await shop.sluice('retry')).code === 0, 'the retry is applied');
    await shop.until('the gate again', waitsForGate);
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

/** Every state in which everything may be killed; the outcome must be as if it had not been. */
export const KILL_POINTS: Record<string, Phase> = PHASES;

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

/** Ends the traffic; nothing may have been lost or served twice. */
export async function closeClean(shop: Shop): Promise<void> {
  const { sent, lost, duplicated } = await shop.close();
  must(sent > 0, 'there was traffic');
  must(lost.length === 0, `no request was lost: ${lost.length} of ${sent}, such as ${describeLost(shop, lost[0])}`);
  must(duplicated.length === 0, `no request was served twice: ${duplicated.length} of ${sent}`);
}

function describeLost(shop: Shop, id: string | undefined): string {
  return JSON.stringify(shop.outcomes.find((outcome) => outcome.id === id));
}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`It must hold that ${what}`);
}
