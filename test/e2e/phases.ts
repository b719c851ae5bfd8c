/** The phases of a rollout as scenarios tell of them: how to get there, and how to see that one is there. */

import type { RolloutView } from '../../src/view/rollout-view.ts';
import type { World } from '../support/world.ts';
import { type Analysis, GATED_ANALYSIS, QUICK_ANALYSIS } from './shop.ts';

/** What happens to a shop of a world, told from its beginning to its end. */
export type Scenario = (world: World) => Promise<void>;

/** The stage's split is served: a stage that is only decided upon is not meant. */
export const isActive = (stage: string) => (view: RolloutView) =>
  view.state !== 'routing' && view.stages.some(({ name, state }) => name === stage && state === 'active');
export const waitsForGate = ({ waitingFor }: RolloutView) => waitingFor?.kind === 'gate';
export const isPromoted = ({ phase }: RolloutView) => phase === 'Succeeded';
/** Failed is said as soon as it is decided; the state says that it is done. */
export const isTakenBack = ({ phase, state }: RolloutView) => phase === 'Failed' && state === 'rolledBack';

export type Phase = { analysis: Analysis; env?: Record<string, string>; reached: (view: RolloutView) => boolean };

/** The phases in which a person may lose patience, how to get there, and the stage that would come to an end meanwhile. */
export const PHASES: Record<string, Phase & { stage: string }> = {
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

/** Every phase in which something may be killed: the same, and those at the end of a rollout. */
export const CRASH_POINTS: Record<string, Phase> = {
  ...PHASES,
  'the primary is promoted': {
    analysis: QUICK_ANALYSIS,
    env: { START_DELAY_MS: '3000' },
    reached: ({ state }) => state === 'promoting',
  },
  'the rollout is finalised': { analysis: QUICK_ANALYSIS, reached: ({ state }) => state === 'finalising' },
};
