/**
 * What a rollout does, told as scenarios. Each runs on a platform that it is given: the embedded one, or a real control plane with
 * our controller, proxy and kubelet. The sentence is the name of the test.
 */

import { PEOPLE_SCENARIOS } from './people-scenarios.ts';
import type { Scenario } from './phases.ts';
import { REVISION_SCENARIOS } from './revision-scenarios.ts';
import { STRATEGY_SCENARIOS } from './strategy-scenarios.ts';

export const SCENARIOS: Record<string, Scenario> = {
  ...REVISION_SCENARIOS,
  ...PEOPLE_SCENARIOS,
  ...STRATEGY_SCENARIOS,
};
