/** What the world should look like while a rollout is in its present state. This table is the specification of progressive delivery. */

import type { RolloutSnapshot } from './rollout.machine.ts';
import { stageOf } from './rollout-context.ts';
import type { Stage } from './rollout-plan.ts';
import type { Candidate } from './rollout-record.ts';

export type DesiredRoutes = {
  /** Canary share of the traffic that no `match` claims, in percent. */
  weight: number;
  match: Stage['match'];
  mirrorPercent: number;
  /** Name of the stage, empty outside of stages. */
  stage: string;
};

export type Desired = {
  /** Absent: the routes stay as they are. */
  routes?: DesiredRoutes;
  /** `zero` at rest, `asPrimary` while there is a candidate, `asItIs` while something else has to happen first. */
  target: 'zero' | 'asPrimary' | 'asItIs';
  /** What the primary should run. */
  primary: Candidate | null;
};

const TO_PRIMARY: DesiredRoutes = { weight: 0, match: [], mirrorPercent: 0, stage: '' };

export function desiredOf({ value, context }: RolloutSnapshot): Desired {
  const { candidate, promoted } = context;
  switch (value) {
    case 'initializing':
      return { target: 'asItIs', primary: promoted };
    case 'bootstrapping':
    case 'awaitingStart':
    case 'rollingBack':
      return { routes: TO_PRIMARY, target: 'asItIs', primary: promoted };
    case 'initialized':
    case 'succeeded':
    case 'rolledBack':
      return { routes: TO_PRIMARY, target: 'zero', primary: promoted };
    case 'startingCanary':
    case 'preparing':
      return { routes: TO_PRIMARY, target: 'asPrimary', primary: promoted };
    case 'routing':
    case 'analysing':
    case 'awaitingApproval':
    case 'awaitingPromotion':
      return { routes: stageRoutes(stageOf(context)), target: 'asPrimary', primary: promoted };
    case 'promoting':
      return { routes: stageRoutes(stageOf(context)), target: 'asPrimary', primary: candidate };
    case 'shiftingBack':
      return { routes: { ...TO_PRIMARY, weight: context.returnWeight }, target: 'asPrimary', primary: candidate };
    case 'finalising':
      return { routes: TO_PRIMARY, target: 'asItIs', primary: candidate };
    case 'restoringPrimary':
      return { routes: { ...TO_PRIMARY, weight: context.returnWeight }, target: 'asPrimary', primary: promoted };
    case 'terminating':
      return { target: 'asItIs', primary: null };
    default:
      return value satisfies never;
  }
}

function stageRoutes(stage: Stage | undefined): DesiredRoutes {
  if (stage === undefined) return TO_PRIMARY;
  const { weight, match, mirrorPercent, name } = stage;
  return { weight, match, mirrorPercent, stage: name };
}
