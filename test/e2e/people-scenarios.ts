/** What people decide: they approve, refuse, abort, pause and try again. */

import { closeClean } from './close-shop.ts';
import { must } from './must.ts';
import { isActive, isPromoted, isTakenBack, PHASES, type Scenario, waitsForGate } from './phases.ts';
import { GATED_ANALYSIS, lastingIn, Shop } from './shop.ts';

export const PEOPLE_SCENARIOS: Record<string, Scenario> = {
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
};
