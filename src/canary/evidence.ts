/** What one round of checks means for the rollout. In which words is said by `metrics/explain-check.ts`. */

import type { CheckResult, Verdict } from '../metrics/verdict.ts';
import type { RolloutPlan } from './rollout-plan.ts';

export type RoundVerdict = Verdict['kind'];

/**
 * One failing check fails the round, otherwise one unknown makes it inconclusive. What no data means is the plan's choice; a
 * metrics server that does not answer says nothing about the new version, whatever the plan says.
 */
export function roundVerdict(checks: readonly CheckResult[], onNoData: RolloutPlan['onNoData']): RoundVerdict {
  const kinds = checks.map(({ verdict }) => (isNoData(verdict) && onNoData !== 'hold' ? onNoData : verdict.kind));
  if (kinds.includes('fail')) return 'fail';
  return kinds.includes('inconclusive') ? 'inconclusive' : 'pass';
}

function isNoData(verdict: Verdict): boolean {
  return verdict.kind === 'inconclusive' && verdict.cause === 'noData';
}

/** The check that decided the round: the first failing one, else the first unknown one. */
export function decidingCheck(checks: readonly CheckResult[]): CheckResult | undefined {
  return checks.find(({ verdict }) => verdict.kind === 'fail') ?? checks.find(({ verdict }) => verdict.kind !== 'pass');
}
