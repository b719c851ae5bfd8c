/** Canaries for tests: builders that show only what matters. */

import type { Canary, CanaryStatus } from '../../src/canary/canary.schema.ts';
import { compilePlan } from '../../src/canary/rollout-plan.ts';
import type { RolloutRecord } from '../../src/canary/rollout-record.ts';

export const stagedSpec: Canary['spec'] = {
  targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'hello' },
  service: { port: 80 },
  analysis: {
    interval: '2s',
    threshold: 2,
    stages: [
      { name: 'smoke', weight: 1, duration: '10s' },
      {
        name: 'staff',
        weight: 10,
        match: [{ headers: { 'user-type': { exact: 'internal' } } }],
        duration: '10s',
        approval: 'required',
      },
      { name: 'half', weight: 50, duration: '10s' },
    ],
    metrics: [{ name: 'request-success-rate', interval: '10s', thresholdRange: { min: 99 } }],
  },
};

export function aCanary({ spec = stagedSpec, status }: { spec?: Canary['spec']; status?: CanaryStatus } = {}): Canary {
  const canary: Canary = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'hello', namespace: 'default', uid: 'uid-1', creationTimestamp: '2026-11-21T12:00:00Z' },
    spec,
  };
  return status === undefined ? canary : { ...canary, status };
}

/** A record in the middle of its second stage. */
export function aRecord(more: Partial<RolloutRecord> = {}): RolloutRecord {
  const plan = compilePlan(stagedSpec);
  if (!plan.ok) throw new Error('The specimen must have a plan');
  return {
    version: '1',
    state: 'analysing',
    since: '2026-11-21T12:00:20.000Z',
    revision: 'rev-2',
    generation: 2,
    promotedRevision: 'rev-1',
    stageIndex: 1,
    stageName: 'staff',
    failures: 0,
    passes: 1,
    inconclusive: 0,
    returnWeight: 0,
    checks: [],
    approvals: [],
    openedGates: [],
    reason: '',
    startedAt: '2026-11-21T12:00:00.000Z',
    stages: [
      {
        name: 'smoke',
        weight: 1,
        startedAt: '2026-11-21T12:00:02.000Z',
        endedAt: '2026-11-21T12:00:20.000Z',
        outcome: 'passed',
      },
      { name: 'staff', weight: 10, startedAt: '2026-11-21T12:00:20.000Z' },
    ],
    plan: plan.value,
    history: [],
    ...more,
  };
}
