/** What the kubelet decides without doing anything: variables, refusals, thresholds, restarts, status. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RESTART_BACKOFF, restarts, restartWaitMs } from '../../../src/platform/kubelet/container-end.ts';
import { expandVariables } from '../../../src/platform/kubelet/expand-variables.ts';
import { inspectPod } from '../../../src/platform/kubelet/inspect-pod.ts';
import { type Container, dialledPort, type Pod } from '../../../src/platform/kubelet/pod.ts';
import { earlierVerdicts, podStatus } from '../../../src/platform/kubelet/pod-status.ts';
import { countProbe, NO_PROBES_YET, tallyOf } from '../../../src/platform/kubelet/probe-verdict.ts';

const podOf = (container: Partial<Container> = {}, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name: 'p', uid: 'u' },
  spec: { containers: [{ name: 'main', command: ['true'], ...container }], ...spec },
});

describe('expandVariables()', () => {
  const variables = { A: 'x', EMPTY: '', SELF: '$(A)' };
  const cases: Record<string, [text: string, expanded: string]> = {
    'replaces a variable': ['a $(A) b', 'a x b'],
    'replaces by nothing when the value is empty': ['[$(EMPTY)]', '[]'],
    'leaves an unknown variable as it stands': ['$(NOPE)', '$(NOPE)'],
    'does not expand what an expansion gave': ['$(SELF)', '$(A)'],
    'takes two dollars for one': ['$$(A)', '$(A)'],
    'expands after two escaped dollars': ['$$$(A)', '$x'],
    'leaves shell variables alone': ['$A $', '$A $'],
    'knows nothing of prototypes': ['$(constructor)', '$(constructor)'],
  };
  test.each(Object.entries(cases))('%s', (_name, [text, expanded]) => {
    expect(expandVariables(text, variables)).toBe(expanded);
  });
  test('leaves text without dollars as it is', () => {
    fc.assert(fc.property(fc.string(), (text) => text.includes('$') || expandVariables(text, variables) === text));
  });
});

describe('inspectPod()', () => {
  const refused: Record<string, { pod: Pod; paths: string[] }> = {
    'an image without command': { pod: podOf({ command: [] }), paths: ['spec.containers[0].command'] },
    'a second container': {
      pod: podOf(
        {},
        {
          containers: [
            { name: 'a', command: ['a'] },
            { name: 'b', command: ['b'] },
          ],
        },
      ),
      paths: ['spec.containers[1]'],
    },
    'init containers': { pod: podOf({}, { initContainers: [{ name: 'i' }] }), paths: ['spec.initContainers'] },
    'a volume and its mount': {
      pod: podOf({ volumeMounts: [{ name: 'v' }] }, { volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
      paths: ['spec.volumes[0].hostPath', 'spec.containers[0].volumeMounts[0]'],
    },
    'a grpc probe': {
      pod: podOf({ readinessProbe: { grpc: { port: 1 } } }),
      paths: ['spec.containers[0].readinessProbe.grpc'],
    },
    'preStop by HTTP': {
      pod: podOf({ lifecycle: { preStop: { httpGet: { port: 1 } } } }),
      paths: ['spec.containers[0].lifecycle.preStop.httpGet'],
    },
  };
  test.each(Object.entries(refused))('refuses %s', (_name, { pod, paths }) => {
    expect(inspectPod(pod).refusals.map(({ path }) => path)).toEqual(paths);
  });

  const accepted: Record<string, Pod> = {
    'a command': podOf(),
    'what API servers fill in': podOf(
      { securityContext: {}, tty: false },
      { securityContext: {}, hostNetwork: false, initContainers: [] },
    ),
    'the token of the service account': podOf(
      { volumeMounts: [{ name: 'kube-api-access-x' }] },
      { volumes: [{ name: 'kube-api-access-x', projected: { sources: [] } }] },
    ),
  };
  test.each(Object.entries(accepted))('accepts %s', (_name, pod) => {
    expect(inspectPod(pod)).toEqual({ refusals: [], warnings: [] });
  });

  test('warns of limits that nobody enforces', () => {
    const { refusals, warnings } = inspectPod(podOf({ resources: { limits: { cpu: '1', memory: '1Gi' } } }));
    expect(refusals).toEqual([]);
    expect(warnings).toEqual([
      { path: 'spec.containers[0].resources.limits', message: 'cpu, memory recorded, but not enforced' },
    ]);
  });
});

describe('countProbe()', () => {
  const cases: Record<
    string,
    { results: string; successThreshold?: number; failureThreshold?: number; verdict: string }
  > = {
    'knows nothing before the first threshold': { results: '--', verdict: 'unknown' },
    'fails at the third failure in a row': { results: '---', verdict: 'failure' },
    'succeeds at the first success': { results: '+', verdict: 'success' },
    'keeps its verdict below the threshold': { results: '+--', verdict: 'success' },
    'starts to count anew after a success': { results: '--+--', verdict: 'success' },
    'needs as many successes as asked for': { results: '---++', successThreshold: 3, verdict: 'failure' },
    'changes its mind at the last of them': { results: '---+++', successThreshold: 3, verdict: 'success' },
  };
  test.each(Object.entries(cases))('%s', (_name, { results, verdict, ...spec }) => {
    const tally = [...results].reduce((before, result) => countProbe(before, result === '+', spec), NO_PROBES_YET);
    expect(tally.verdict).toBe(verdict);
  });
});

describe('what an adopted container was before', () => {
  const status = podStatus(
    podOf(),
    {
      startTime: 't',
      container: { state: { running: { startedAt: 't' } }, restartCount: 0, started: true, ready: true, processId: 7 },
    },
    1_000,
  );
  const cases: Record<string, [pod: Pod, pid: number | undefined, was: boolean]> = {
    'is what its Pod says of the same process': [{ ...podOf(), status }, 7, true],
    'is unknown for another process': [{ ...podOf(), status }, 8, false],
    'is unknown without a process': [{ ...podOf(), status }, undefined, false],
    'is unknown without a status': [podOf(), 7, false],
  };
  test.each(Object.entries(cases))('%s', (_name, [pod, pid, was]) => {
    expect(earlierVerdicts(pod, pid)).toEqual({ started: was, ready: was });
  });

  test('stands until as many probes as the threshold says have failed', () => {
    const verdicts = ['-', '--', '---'].map(
      (results) =>
        [...results].reduce((before) => countProbe(before, false, { failureThreshold: 3 }), tallyOf(true)).verdict,
    );
    expect(verdicts).toEqual(['success', 'success', 'failure']);
  });
});

describe('restarts', () => {
  const ended = (exitCode: number) => ({ exitCode, reason: 'Error', startedAt: '', finishedAt: '' });
  const policies: Record<string, { policy: 'Always' | 'OnFailure' | 'Never'; exitCode: number; again: boolean }> = {
    'Always, after success': { policy: 'Always', exitCode: 0, again: true },
    'OnFailure, after success': { policy: 'OnFailure', exitCode: 0, again: false },
    'OnFailure, after failure': { policy: 'OnFailure', exitCode: 1, again: true },
    'Never, after failure': { policy: 'Never', exitCode: 1, again: false },
  };
  test.each(Object.entries(policies))('%s', (_name, { policy, exitCode, again }) => {
    expect(restarts(podOf({}, { restartPolicy: policy }), ended(exitCode))).toBe(again);
  });
  test('come at once, then after 10 s, doubling to 5 minutes', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 7, 100, 5_000].map(
      (crashes) => restartWaitMs(crashes, RESTART_BACKOFF) / 1_000,
    );
    expect(waits).toEqual([0, 0, 10, 20, 40, 80, 160, 300, 300, 300]);
  });
});

describe('dialledPort()', () => {
  const container: Container = {
    name: 'main',
    ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 9090 }],
  };
  const listen = { 8080: 21_000, 9090: 21_001 };
  const cases: Record<string, { port: number | string; dialled: number | undefined }> = {
    'finds a named port': { port: 'http', dialled: 21_000 },
    'finds a declared number': { port: 9090, dialled: 21_001 },
    'takes an undeclared number as it stands': { port: 7_000, dialled: 7_000 },
    'knows no unknown name': { port: 'grpc', dialled: undefined },
  };
  test.each(Object.entries(cases))('%s', (_name, { port, dialled }) => {
    expect(dialledPort(port, container, listen)).toBe(dialled);
  });
});

describe('podStatus()', () => {
  const view = (ready: boolean) => ({
    podIP: '10.244.0.2',
    startTime: 't',
    container: { state: { running: { startedAt: 't' } }, restartCount: 0, started: true, ready },
  });
  const readyOf = (status: ReturnType<typeof podStatus>) => status.conditions?.find(({ type }) => type === 'Ready');

  test('keeps the time of a condition that has not changed, and notes when it did', () => {
    const first = podStatus(podOf(), view(false), 1_000);
    const second = podStatus({ ...podOf(), status: first }, view(false), 9_000);
    const third = podStatus({ ...podOf(), status: second }, view(true), 12_000);
    expect([first, second, third].map((status) => readyOf(status)?.lastTransitionTime)).toEqual([
      '1970-01-01T00:00:01Z',
      '1970-01-01T00:00:01Z',
      '1970-01-01T00:00:12Z',
    ]);
    expect(readyOf(third)).not.toHaveProperty('reason');
  });
});
