import { describe, expect, test } from 'vitest';
import type { CanaryPhase } from '../../src/canary/canary.schema.ts';
import type { RolloutRecord } from '../../src/canary/rollout-record.ts';
import { describeMatch } from '../../src/view/describe-match.ts';
import { renderTree } from '../../src/view/render-tree.ts';
import { rolloutView } from '../../src/view/rollout-view.ts';
import { chooseStyle, colourStyle, plainStyle } from '../../src/view/style.ts';
import { aCanary, aRecord } from '../support/canaries.ts';

const now = Date.parse('2026-11-21T12:00:25Z');
const treeOf = (phase: CanaryPhase, canaryWeight: number, record: Partial<RolloutRecord>, failedChecks = 0): string =>
  renderTree(rolloutView(aCanary({ status: { phase, canaryWeight, failedChecks, rollout: aRecord(record) } })), {
    now,
    style: plainStyle,
  });

describe('renderTree()', () => {
  test('shows the stages, the checks of the active one, and what is waited for', () => {
    const tree = treeOf('Progressing', 10, {
      state: 'awaitingApproval',
      checks: [
        { metric: 'request-success-rate', bounds: { min: 99 }, verdict: { kind: 'pass', value: 100, reason: '100 %' } },
      ],
      waitingFor: { kind: 'gate', gate: 'staff', text: 'Somebody has to approve "staff"' },
    });
    expect(tree).toMatchInlineSnapshot(`
      "default/hello  Progressing  ██░░░░░░░░░░░░░░░░░░ 10 %  Deployment/hello, revision rev-2
      ├─ ✔ smoke   1 %  18s
      ├─ ● staff  10 % + all with user-type=internal  5s of 10s, then approval
      │     ✔ request-success-rate: 100 % (min 99)
      └─ ○ half   50 %  10s
         Somebody has to approve "staff""
    `);
  });

  test('shows why a release was taken back, at the stage where it happened', () => {
    const tree = treeOf(
      'Failed',
      0,
      {
        state: 'rolledBack',
        outcome: 'rolledBack',
        reason: 'request-success-rate 85 is below 99 in stage staff',
        stages: [
          {
            name: 'smoke',
            weight: 1,
            startedAt: '2026-11-21T12:00:02.000Z',
            endedAt: '2026-11-21T12:00:20.000Z',
            outcome: 'passed',
          },
          {
            name: 'staff',
            weight: 10,
            startedAt: '2026-11-21T12:00:20.000Z',
            endedAt: '2026-11-21T12:00:24.000Z',
            outcome: 'failed',
          },
        ],
        checks: [
          {
            metric: 'request-success-rate',
            bounds: { min: 99 },
            verdict: { kind: 'fail', value: 85, reason: '85 is below 99' },
          },
        ],
      },
      2,
    );
    expect(tree).toMatchInlineSnapshot(`
      "default/hello  Failed  ░░░░░░░░░░░░░░░░░░░░ 0 %  Deployment/hello, revision rev-2
      ├─ ✔ smoke   1 %  18s
      ├─ ✖ staff  10 % + all with user-type=internal  4s
      │     ✖ request-success-rate: 85 is below 99 (min 99)
      └─ ○ half   50 %  10s
         Failed checks: 2 of 2
         request-success-rate 85 is below 99 in stage staff"
    `);
  });

  test('shows the stages around the active one where the terminal is too low for all', () => {
    const view = rolloutView(aCanary({ status: { phase: 'Progressing', canaryWeight: 40, rollout: aRecord({}) } }));
    const [pattern] = view.stages;
    const stages = Array.from({ length: 50 }, (_, index) => ({
      ...pattern!,
      name: `weight-${index + 1}`,
      state: index < 20 ? ('passed' as const) : index === 20 ? ('active' as const) : ('pending' as const),
    }));
    const lines = renderTree({ ...view, stages }, { now, style: plainStyle, rows: 13 }).split('\n');
    expect(lines.filter((line) => /weight-\d+/.test(line))).toHaveLength(3);
    expect(lines[1]).toBe('│  … 19 stages before');
    expect(lines.join('\n')).toContain('● weight-21');
    expect(lines).toContain('│  … 28 stages after');
    expect(lines.length).toBeLessThanOrEqual(12);
  });

  test('shows a canary that nobody has looked at yet', () => {
    expect(renderTree(rolloutView(aCanary()), { now, style: plainStyle })).toMatchInlineSnapshot(
      `"default/hello  Unknown  ░░░░░░░░░░░░░░░░░░░░ 0 %  Deployment/hello"`,
    );
  });
});

describe('describeMatch()', () => {
  const cases: Record<string, { match: Record<string, unknown>[]; text: string | undefined }> = {
    'says nothing of an empty list': { match: [], text: undefined },
    'joins conditions of one entry by and': {
      match: [{ uri: { prefix: '/beta' }, headers: { cookie: { regex: '.*vip.*' } } }],
      text: 'uri starts with /beta and cookie ~ .*vip.*',
    },
    'joins entries by or': {
      match: [{ method: { exact: 'GET' } }, { queryParams: { v: {} } }],
      text: 'method=GET or ?v present',
    },
    'says that an empty entry matches everything': { match: [{}], text: 'everything' },
  };
  test.each(Object.entries(cases))('%s', (_name, { match, text }) => {
    expect(describeMatch(match)).toBe(text);
  });
});

describe('chooseStyle()', () => {
  const cases: Record<
    string,
    { mode: 'auto' | 'always' | 'never'; env: Record<string, string>; isTty: boolean; coloured: boolean }
  > = {
    'colours a terminal': { mode: 'auto', env: {}, isTty: true, coloured: true },
    'leaves a pipe plain': { mode: 'auto', env: {}, isTty: false, coloured: false },
    'obeys NO_COLOR on a terminal': { mode: 'auto', env: { NO_COLOR: '1' }, isTty: true, coloured: false },
    'obeys FORCE_COLOR in a pipe': { mode: 'auto', env: { FORCE_COLOR: '1' }, isTty: false, coloured: true },
    'obeys the flag before NO_COLOR': { mode: 'always', env: { NO_COLOR: '1' }, isTty: false, coloured: true },
    'obeys the flag on a terminal': { mode: 'never', env: {}, isTty: true, coloured: false },
  };
  test.each(Object.entries(cases))('%s', (_name, { mode, env, isTty, coloured }) => {
    expect(chooseStyle(mode, { env, isTty })).toBe(coloured ? colourStyle : plainStyle);
  });
});
