/** The world as a rollout sees it: weights, pods and revisions, gathered by the controller before each decision. */

import type { EpochMs } from '../lib/clock.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import type { Candidate } from './rollout-record.ts';

export type ObservedPods = {
  /** Asked for. */
  replicas: number;
  readyReplicas: number;
  /** All of the newest revision are available, and none of an older one is left. */
  ready: boolean;
  /** Why it will not become ready by itself; absent while it may. */
  failed?: string;
  /** Why it is not ready, as a clause: `1 of 2 pods available`. */
  reason: string;
};

export type ObservedRoutes = {
  weight: number;
  mirrorPercent: number;
  stage: string;
  /** Whether the data plane serves what is written; absent where nobody says. */
  acknowledged?: boolean;
};

export type Observed = {
  at: EpochMs;
  /** How long routes must have been served before pods behind the old ones may go, in milliseconds. */
  drainMs: number;
  deleting: boolean;
  suspended: boolean;
  /** The plan of the present spec; a run keeps the plan it began with. */
  plan: RolloutPlan;
  target?: ObservedPods & { candidate: Candidate };
  primary?: ObservedPods & { revision: string };
  routes?: ObservedRoutes;
  /** Whether the configs that were analysed can still be copied for the primary. */
  candidateReproducible: boolean;
};
