import { describe, expect, test } from 'vitest';
import { advance } from '../../src/canary/advance.ts';
import type { Observed } from '../../src/canary/observed.ts';
import { operatorDecision } from '../../src/canary/operator-decision.ts';
import type { RolloutSnapshot } from '../../src/canary/rollout.machine.ts';
import type { RolloutActionSpec } from '../../src/canary/rollout-action.schema.ts';
import { aCandidate, analysing, aPlan, aStage, rested, round, START } from './rollouts.ts';

const observed: Observed = {
  at: START + 20_000,
  drainMs: 0,
  deleting: false,
  suspended: false,
  plan: aPlan(),
  candidateReproducible: true,
  target: { replicas: 2, readyReplicas: 2, ready: true, reason: '', candidate: aCandidate('r2') },
  primary: { replicas: 2, readyReplicas: 2, ready: true, reason: '', revision: 'r1' },
};

const staged = aPlan({ stages: [aStage({ name: 'staff', approval: true }), aStage({ name: 'half' })] });
const waiting = advance(analysing(staged), { type: 'evidence.judged', at: START + 10_000, checks: [round('pass')] });
const paused = advance(waiting, { type: 'operator.paused', at: START, by: 'ada', reason: '' });

function decided(snapshot: RolloutSnapshot, action: Partial<RolloutActionSpec>) {
  const spec: RolloutActionSpec = { canary: 'hello', revision: 'r2', action: 'Approve', by: 'ada', ...action };
  const decision = operatorDecision({ action: spec, canaryUid: 'uid-1', snapshot, observed });
  return decision.kind === 'event' ? decision.event.type : decision.message;
}

describe('operatorDecision()', () => {
  const cases: Record<
    string,
    { snapshot: RolloutSnapshot; action: Partial<RolloutActionSpec>; expected: string | RegExp }
  > = {
    'without a gate it means the one now waited for': { snapshot: waiting, action: {}, expected: 'operator.approved' },
    'with the gate now waited for': { snapshot: waiting, action: { gate: 'staff' }, expected: 'operator.approved' },
    'ignores an approval of a later stage': {
      snapshot: waiting,
      action: { gate: 'half' },
      expected: /staff is waited for now/,
    },
    'ignores an early approval': {
      snapshot: analysing(staged),
      action: {},
      expected: /approvals given early do not count/,
    },
    'ignores a decision about an older revision': {
      snapshot: waiting,
      action: { revision: 'r1' },
      expected: /about revision r1/,
    },
    'ignores a decision about a Canary of the same name before': {
      snapshot: waiting,
      action: { canaryUid: 'uid-0' },
      expected: /deleted and created again/,
    },
    'hears the right uid': { snapshot: waiting, action: { canaryUid: 'uid-1' }, expected: 'operator.approved' },
    'ignores an approval while paused': { snapshot: paused, action: {}, expected: /paused/ },
    'rejects at a gate': { snapshot: waiting, action: { action: 'Reject' }, expected: 'operator.rejected' },
    'ignores a rejection without a gate': {
      snapshot: analysing(staged),
      action: { action: 'Reject' },
      expected: /use abort/,
    },
    'hears an abort while paused': { snapshot: paused, action: { action: 'Abort' }, expected: 'operator.aborted' },
    'ignores a resume of what is not paused': {
      snapshot: waiting,
      action: { action: 'Resume' },
      expected: /not paused/,
    },
    'ignores a second pause': { snapshot: paused, action: { action: 'Pause' }, expected: /paused already/ },
    'ignores a retry of what goes on': { snapshot: waiting, action: { action: 'Retry' }, expected: /Nothing to retry/ },
    'ignores a pause at rest': {
      snapshot: rested(aPlan()),
      action: { action: 'Pause', revision: 'r1' },
      expected: /Nothing to pause/,
    },
  };
  test.each(Object.entries(cases))('%s', (_name, { snapshot, action, expected }) => {
    expect(decided(snapshot, action)).toMatch(expected);
  });

  test('hears a retry of what was rolled back', () => {
    const at = START + 30_000;
    const ended = [
      { type: 'operator.aborted', at, by: 'ada', reason: '', primaryServes: true } as const,
      { type: 'routes.live', at } as const,
      { type: 'routes.drained', at } as const,
    ].reduce(advance, waiting);
    expect(decided(ended, { action: 'Retry' })).toBe('operator.retried');
  });
});
