/** Guards at their boundaries, and the stories that people tell about rollouts. */

import { describe, expect, test } from 'vitest';
import { advance } from '../../src/canary/advance.ts';
import { desiredOf } from '../../src/canary/desired.ts';
import type { RolloutSnapshot } from '../../src/canary/rollout.machine.ts';
import type { RolloutEvent } from '../../src/canary/rollout-events.ts';
import { aCandidate, analysing, aPlan, aStage, GATED_PLAN, rested, round, START } from './rollouts.ts';

const pass = (at: number): RolloutEvent => ({ type: 'evidence.judged', at, checks: [round('pass')] });
const fail = (at: number): RolloutEvent => ({ type: 'evidence.judged', at, checks: [round('fail', 85.2)] });
const unknown = (at: number): RolloutEvent => ({ type: 'evidence.judged', at, checks: [round('inconclusive')] });
const play = (from: RolloutSnapshot, ...events: RolloutEvent[]) => events.reduce(advance, from);

describe('a stage', () => {
  test('is first judged one metric interval after its weight is live', () => {
    expect(analysing().context.judgeAt).toBe(START + 5_000);
  });

  test.each([
    ['one millisecond before its duration', 9_999, 'analysing'],
    ['at its duration', 10_000, 'routing'],
  ])('%s a passing check leads to %s ms → %s', (_name, afterMs, expected) => {
    expect(advance(analysing(), pass(START + afterMs)).value).toBe(expected);
  });

  test.each([
    [2, 'analysing'],
    [3, 'routing'],
  ])('of three iterations is left after %d passing rounds: %s', (rounds, expected) => {
    const start = analysing(aPlan({ stages: [aStage({ iterations: 3, durationMs: 0 }), aStage({ name: 'two' })] }));
    const events = Array.from({ length: rounds }, (_, index) => pass(START + 5_000 + index * 1_000));
    expect(play(start, ...events).value).toBe(expected);
  });

  test('is not left by a failing check, and a failure is not forgotten in the next stage', () => {
    const next = play(analysing(), fail(START + 10_000), pass(START + 11_000), {
      type: 'routes.live',
      at: START + 12_000,
    });
    expect([next.value, next.context.stageIndex, next.context.failures]).toEqual(['analysing', 1, 1]);
    expect(advance(next, fail(START + 20_000)).value).toBe('rollingBack');
  });

  test('is taken back by the threshold-th failure at once, with metric, value, bound and stage', () => {
    const ended = play(analysing(), fail(START + 5_000), fail(START + 6_000));
    expect(ended.value).toBe('rollingBack');
    expect(ended.context.reason).toBe('Failed check 2 of 2 in stage one: m 85.2 is below 99');
    expect(ended.context.history[0]).toMatchObject({
      revision: 'r2',
      outcome: 'rolledBack',
      stages: [{ outcome: 'failed' }],
    });
  });

  test.each([
    ['holds before the deadline', -1, 'analysing'],
    ['is taken back at the deadline', 0, 'rollingBack'],
  ])('without data it %s', (_name, offsetMs, expected) => {
    const start = analysing();
    const deadline = (start.context.deadlineAt ?? 0) + offsetMs;
    expect(play(start, unknown(START + 5_000), unknown(deadline)).value).toBe(expected);
  });

  test.each([
    ['fail', 1, 0],
    ['pass', 0, 1],
    ['hold', 0, 0],
  ] as const)('no data means %s when the Canary says so', (onNoData, failures, passes) => {
    const judged = advance(analysing(aPlan({ onNoData })), unknown(START + 5_000));
    expect([judged.context.failures, judged.context.passes]).toEqual([failures, passes]);
  });

  test('a metrics server that does not answer never fails a version, whatever no data means', () => {
    const unreachable = {
      ...round('inconclusive'),
      verdict: { kind: 'inconclusive', cause: 'unreachable', reason: 'down' } as const,
    };
    const start = analysing(aPlan({ onNoData: 'fail' }));
    const judged = advance(start, { type: 'evidence.judged', at: START + 5_000, checks: [unreachable] });
    expect([judged.context.failures, judged.context.inconclusive]).toEqual([0, 1]);
  });
});

describe('an approval', () => {
  const approve = (gate: string, at = START + 20_000): RolloutEvent => ({
    type: 'operator.approved',
    at,
    gate,
    by: 'ada',
    reason: '',
  });
  const staged = aPlan({ stages: [aStage({ approval: true }), aStage({ name: 'two', weight: 50 })] });

  test('is asked for after a passing check at the stage’s duration, and leads on', () => {
    const waiting = advance(analysing(staged), pass(START + 10_000));
    expect(waiting.value).toBe('awaitingApproval');
    expect(desiredOf(waiting).routes?.weight).toBe(10);
    const approved = advance(waiting, approve('one'));
    expect([approved.value, approved.context.stageIndex]).toEqual(['routing', 1]);
  });

  test('counts for nothing before it is asked for, or for another gate', () => {
    const early = analysing(staged);
    expect(advance(early, approve('one'))).toBe(early);
    const waiting = advance(early, pass(START + 10_000));
    expect(advance(waiting, approve('two'))).toBe(waiting);
  });

  test('does not stop the checks: a failure closes the gate, the next pass opens it again', () => {
    const waiting = advance(analysing(staged), pass(START + 10_000));
    const failed = advance(waiting, fail(START + 11_000));
    expect(failed.value).toBe('analysing');
    expect(advance(failed, pass(START + 12_000)).value).toBe('awaitingApproval');
    expect(play(waiting, fail(START + 11_000), fail(START + 12_000)).value).toBe('rollingBack');
  });

  test('opens each of several gates in turn', () => {
    const at = START + 20_000;
    const start = advance(rested(GATED_PLAN), {
      type: 'target.changed',
      at,
      candidate: aCandidate('r2'),
      plan: GATED_PLAN,
    });
    expect(start.value).toBe('awaitingStart');
    const preparing = play(start, approve('confirm-rollout'), { type: 'canary.ready', at });
    expect(preparing.value).toBe('preparing');
    const partly = advance(preparing, { type: 'gate.opened', at, gate: 'pre-rollout' });
    expect([partly.value, partly.context.openedGates]).toEqual(['preparing', ['pre-rollout']]);
    expect(advance(partly, approve('confirm-traffic-increase')).value).toBe('routing');
  });
});

describe('a pause', () => {
  test('stops time: what lay in the future moves on by as long as it lasted', () => {
    const at = START + 2_000;
    const paused = advance(analysing(), { type: 'operator.paused', at, by: 'ada', reason: '' });
    expect(advance(paused, fail(START + 5_000))).toBe(paused);
    const resumed = advance(paused, { type: 'operator.resumed', at: at + 60_000, by: 'ada', reason: '' });
    expect(resumed.context).toMatchObject({ paused: null, judgeAt: START + 65_000, liveSince: START + 60_000 });
  });
});

describe('a promotion', () => {
  const promoting = () => play(analysing(aPlan({ stages: [aStage()] })), pass(START + 10_000));

  test('gives the primary exactly the candidate, and traffic back before the canary goes', () => {
    const start = promoting();
    expect(desiredOf(start)).toMatchObject({
      primary: { revision: 'r2' },
      routes: { weight: 10 },
      target: 'asPrimary',
    });
    const finalising = advance(start, { type: 'primary.ready', at: START + 11_000 });
    expect(desiredOf(finalising)).toMatchObject({
      primary: { revision: 'r2' },
      routes: { weight: 0 },
      target: 'asItIs',
    });
    const done = play(
      finalising,
      { type: 'routes.live', at: START + 12_000 },
      { type: 'routes.drained', at: START + 13_000 },
    );
    expect(desiredOf(done)).toMatchObject({ primary: { revision: 'r2' }, target: 'zero' });
  });

  test('that fails keeps the canary serving while the primary becomes what it was', () => {
    const failed = advance(promoting(), {
      type: 'primary.failed',
      at: START + 11_000,
      reason: 'crash',
      primaryServes: false,
    });
    expect(desiredOf(failed)).toMatchObject({
      primary: { revision: 'r1' },
      routes: { weight: 100 },
      target: 'asPrimary',
    });
    const healed = advance(failed, { type: 'primary.ready', at: START + 12_000 });
    expect([healed.value, desiredOf(healed).routes?.weight]).toEqual(['rollingBack', 0]);
  });

  test('returns in steps when the Canary says so', () => {
    const start = play(analysing(aPlan({ stages: [aStage({ weight: 50 })], returnStep: 20 })), pass(START + 10_000));
    const weights: (number | undefined)[] = [];
    let state = advance(start, { type: 'primary.ready', at: START + 11_000 });
    for (let tick = 0; tick < 3; tick++) {
      weights.push(desiredOf(state).routes?.weight);
      state = advance(state, { type: 'clock.ticked', at: START + 20_000 + tick * 2_000 });
    }
    expect([...weights, state.value]).toEqual([50, 30, 10, 'finalising']);
  });
});

describe('a new revision', () => {
  test('in the middle starts again at weight 0, and the old one goes to the history', () => {
    const at = START + 30_000;
    const again = advance(analysing(), { type: 'target.changed', at, candidate: aCandidate('r3'), plan: aPlan() });
    expect([again.value, desiredOf(again).routes?.weight, again.context.failures]).toEqual(['startingCanary', 0, 0]);
    expect(again.context.history[0]).toMatchObject({ revision: 'r2', outcome: 'superseded' });
  });

  test('in startingCanary gets its own deadline', () => {
    const at = START + 30_000;
    const first = advance(rested(aPlan()), {
      type: 'target.changed',
      at: START,
      candidate: aCandidate('r2'),
      plan: aPlan(),
    });
    const second = advance(first, { type: 'target.changed', at, candidate: aCandidate('r3'), plan: aPlan() });
    expect(second.context.deadlineAt).toBe(at + 600_000);
  });
});
