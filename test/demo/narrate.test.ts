import { describe, expect, test } from 'vitest';
import { narrate } from '../../src/demo/narrate.ts';
import { renderSummary } from '../../src/demo/summary.ts';
import { rolloutView } from '../../src/view/rollout-view.ts';
import { plainStyle } from '../../src/view/style.ts';
import { aCanary, aRecord } from '../support/canaries.ts';

const pass = {
  metric: 'request-success-rate',
  bounds: { min: 99 },
  verdict: { kind: 'pass' as const, value: 100, reason: '100 %' },
};
const fail = {
  metric: 'request-success-rate',
  bounds: { min: 99 },
  verdict: { kind: 'fail' as const, value: 85, reason: '85 %' },
};
const view = (phase: 'Progressing' | 'Failed', record: Parameters<typeof aRecord>[0] = {}, failedChecks = 0) =>
  rolloutView(aCanary({ status: { phase, canaryWeight: 10, failedChecks, rollout: aRecord(record) } }));

describe('narrate()', () => {
  test('tells phase and stage when they change, and nothing when nothing does', () => {
    expect(narrate(undefined, view('Progressing'))).toEqual([
      'hello: Progressing',
      '  stage staff: 10 % and all requests with user-type=internal',
    ]);
    expect(narrate(view('Progressing'), view('Progressing'))).toEqual([]);
  });

  test('tells a verdict when it changes, not at every round', () => {
    const good = view('Progressing', { checks: [pass] });
    expect(narrate(view('Progressing'), good)).toEqual(['  check request-success-rate: pass, 100 % (min 99)']);
    expect(narrate(good, view('Progressing', { checks: [pass] }))).toEqual([]);
    expect(narrate(good, view('Progressing', { checks: [fail] }, 1))).toEqual([
      '  check request-success-rate: fail, 85 % (min 99)',
      '  failed checks: 1 of 2',
    ]);
  });

  test('tells who is waited for, and why it ended', () => {
    const waiting = view('Progressing', {
      waitingFor: { kind: 'gate', gate: 'staff', text: 'Somebody has to approve "staff"' },
    });
    expect(narrate(view('Progressing'), waiting)).toEqual(['  waiting: Somebody has to approve "staff"']);
    const failed = view('Failed', { state: 'rolledBack', outcome: 'rolledBack', reason: 'It was bad' });
    expect(narrate(waiting, failed)).toEqual(['hello: Failed', '  It was bad']);
  });
});

test('renderSummary() tells configured and real shares, outcomes, and what was lost', () => {
  const stage = {
    name: 'staff',
    weight: 10,
    requests: 2000,
    canaryRequests: 201,
    share: 10.05,
    matched: 105,
    matchedCanary: 105,
  };
  const report = {
    seconds: 80.5,
    requests: { sent: 17000, applicationErrors: 12, lost: 0, duplicated: 0 },
    releases: [
      {
        revision: 'v2',
        outcome: 'promoted' as const,
        reason: 'All stages passed',
        seconds: 45,
        rollbackSeconds: 0,
        stages: [stage],
      },
      {
        revision: 'v3',
        outcome: 'rolledBack' as const,
        reason: 'It was bad',
        seconds: 15,
        rollbackSeconds: 12.5,
        stages: [],
      },
    ],
  };
  expect(renderSummary(report, [], plainStyle)).toMatchInlineSnapshot(`
    "What happened

    RELEASE   STAGE   CONFIGURED   REALLY    REQUESTS      STAFF ON CANARY
    v2        staff   10 %         10.05 %   201 of 2000   105 of 105

    v2 promoted after 45 s: All stages passed
    v3 rolled back after 15 s (12.5 s from the first bad answer to the last request on it): It was bad

    17000 requests sent in 80.5 s
    12 failed by the application
    0 lost by the platform, 0 served twice
    Everything was as it should be"
  `);
});
