/** What one round of checks means for the rollout, and in which words. */

import type { Bounds, CheckResult, Verdict } from '../metrics/verdict.ts';
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

/** `request-success-rate is 85.2, below 99`: metric, value and bound in one clause. */
export function describeCheck({ metric, bounds, verdict }: CheckResult): string {
  if (verdict.kind === 'inconclusive') return `${metric} has no verdict: ${verdict.reason}`;
  const isUnbound = bounds.min === undefined && bounds.max === undefined;
  if (isUnbound && verdict.kind === 'fail') return `${metric} failed: ${verdict.reason}`;
  return `${metric} is ${rounded(verdict.value)}${verdict.kind === 'fail' ? `, ${beyond(verdict.value, bounds)}` : ''}`;
}

/** The check that decided the round: the first failing one, else the first unknown one. */
export function decidingCheck(checks: readonly CheckResult[]): CheckResult | undefined {
  return checks.find(({ verdict }) => verdict.kind === 'fail') ?? checks.find(({ verdict }) => verdict.kind !== 'pass');
}

function beyond(value: number, { min, max }: Bounds): string {
  if (min !== undefined && value < min) return `below ${min}`;
  return max === undefined ? 'out of bounds' : `above ${max}`;
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Math.round(value * 100) / 100);
}
