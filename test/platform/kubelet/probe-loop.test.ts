/** How often a failing probe is told of: it may be asked more often than its period says, and nobody wants to hear of each time. */

import { expect, test } from 'vitest';
import type { ProbeSpec } from '../../../src/platform/kubelet/pod.ts';
import { startProbes } from '../../../src/platform/kubelet/probe-loop.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Without a handler a probe fails by itself, at once. */
const cases: Record<string, { probes: Record<string, ProbeSpec>; forMs: number; told: string[] }> = {
  'readiness once per period, though it is asked four times': {
    probes: { readinessProbe: { periodSeconds: 1 } },
    forMs: 2_999,
    told: ['Readiness', 'Readiness', 'Readiness'],
  },
  'liveness until it is fatal': {
    probes: { livenessProbe: { periodSeconds: 2, failureThreshold: 2 } },
    forMs: 60_000,
    told: ['Liveness', 'Liveness'],
  },
  'only startup as long as that has not succeeded': {
    probes: { startupProbe: { failureThreshold: 1 }, readinessProbe: {}, livenessProbe: {} },
    forMs: 60_000,
    told: ['Startup'],
  },
};

test.each(Object.entries(cases))('%s', async (_name, { probes, forMs, told }) => {
  const clock = new FakeClock(0);
  const heard: string[] = [];
  const target = { container: { name: 'main', ...probes }, listen: {}, env: {}, cwd: '/', clock };
  const loop = startProbes(target, { onChange: () => {}, onFailure: (message) => heard.push(message) });
  await clock.advance(forMs);
  expect(heard).toEqual(told.map((what) => `${what} probe failed: the probe has no handler`));
  loop.stop();
});
