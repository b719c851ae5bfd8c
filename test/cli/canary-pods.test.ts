import { expect, test } from 'vitest';
import { type CanaryPod, renderPods } from '../../src/cli/commands/canary-pods.ts';

type Container = NonNullable<NonNullable<CanaryPod['status']>['containerStatuses']>[number];

const pod = (status: CanaryPod['status'], deletionTimestamp?: string): CanaryPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
  ...(status === undefined ? {} : { status }),
});
const running = { running: {} };
const waiting = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } };

const cases: Record<string, { container: Container; says: string }> = {
  'a ready pod': { container: { ready: true, state: running }, says: 'Ready' },
  'a pod that runs and is not ready': { container: { ready: false, state: running }, says: 'Running, not ready' },
  'the exit code of a crash': {
    container: { ready: false, state: waiting, lastState: { terminated: { reason: 'Error', exitCode: 7 } } },
    says: 'CrashLoopBackOff: exit code 7',
  },
  'why a program could not start': {
    container: {
      ready: false,
      state: waiting,
      lastState: { terminated: { message: 'app: not found', exitCode: 128 } },
    },
    says: 'CrashLoopBackOff: app: not found',
  },
  'why a pod was refused': {
    container: { ready: false, state: { waiting: { reason: 'Refused', message: 'command is required' } } },
    says: 'Refused: command is required',
  },
};
test.each(Object.entries(cases))('renderPods() tells %s', (_name, { container, says }) => {
  const table = renderPods([pod({ containerStatuses: [{ restartCount: 2, ...container }] })]);
  expect(table.split('\n')[1]).toBe(`web-1   2          ${says}`);
});

test('renderPods() tells a pod without a container, one that goes, and the container that is in trouble', () => {
  expect(renderPods([pod({ phase: 'Pending' })])).toContain('Pending');
  expect(renderPods([pod(undefined)])).toContain('Unknown');
  expect(renderPods([pod({}, '2026-11-21T12:00:00Z')])).toContain('Terminating');
  const two = [
    { ready: true, state: running },
    { ready: false, state: waiting },
  ];
  expect(renderPods([pod({ containerStatuses: two })])).toContain('CrashLoopBackOff: back-off 40s');
});
