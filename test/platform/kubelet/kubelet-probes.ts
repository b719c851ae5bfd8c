/** What a kubelet makes of probes: traffic or none, a restart, and what it says about it. */

import { describe, expect, test } from 'vitest';
import {
  containerStatus,
  HTTP_READY,
  isReady,
  type KubeletFixture,
  listenAddress,
  PATIENCE,
  serverContainer,
} from './kubelet-fixture.ts';

/** The fixture is there when the tests run, not yet when they are described. */
export function describeProbes(at: () => KubeletFixture): void {
  const get = (address: string, path = '/') => fetch(`http://${address}${path}`);

  describe('that probes', () => {
    test('takes a pod out of readiness and back, without restarting it', async () => {
      const name = await at().create({ ...serverContainer, ...HTTP_READY });
      const address = listenAddress(await at().until(name, (pod) => isReady(pod) && pod));
      await get(address, '/ready/off');
      const unready = await at().until(name, (pod) => !isReady(pod) && containerStatus(pod)?.state.running && pod);
      expect(unready?.status?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('status 503');
      await expect
        .poll(() => at().eventsOf(name), PATIENCE)
        .toContain('Unhealthy Readiness probe failed: answered with status 503');
      await get(address, '/ready/on');
      const ready = await at().until(name, (pod) => isReady(pod) && pod);
      expect(containerStatus(ready)?.restartCount).toBe(0);
    });

    test('restarts a container whose liveness probe fails for good', async () => {
      const livenessProbe = { httpGet: { path: '/healthy', port: 'http' }, periodSeconds: 1, failureThreshold: 2 };
      const name = await at().create({ ...serverContainer, ...HTTP_READY, livenessProbe });
      await get(listenAddress(await at().until(name, (pod) => isReady(pod) && pod)), '/healthy/off');
      const restarted = await at().until(
        name,
        (pod) => containerStatus(pod)?.restartCount === 1 && isReady(pod) && pod,
      );
      expect(containerStatus(restarted)?.lastState.terminated).toMatchObject({ exitCode: 143, signal: 15 });
      await expect
        .poll(() => at().eventsOf(name), PATIENCE)
        .toEqual(
          expect.arrayContaining([
            'Unhealthy Liveness probe failed: answered with status 503',
            'Killing Stopping container main, to be restarted: Liveness probe failed: answered with status 503',
          ]),
        );
    });

    test('does not probe for readiness before the startup probe has succeeded', async () => {
      const startupProbe = { httpGet: { path: '/begun', port: 'http' }, periodSeconds: 1, failureThreshold: 100 };
      const command = ['node', '-e', `${serverContainer.command[2]}; state.begun = false`];
      const name = await at().create({ ...serverContainer, command, startupProbe, ...HTTP_READY });
      const running = await at().until(
        name,
        (pod) => listenAddress(pod) !== '' && containerStatus(pod)?.state.running && pod,
      );
      expect(containerStatus(running)).toMatchObject({ started: false, ready: false });
      await answering(listenAddress(running));
      await expect
        .poll(() => at().eventsOf(name), PATIENCE)
        .toContain('Unhealthy Startup probe failed: answered with status 503');
      await get(listenAddress(running), '/begun/on');
      expect(containerStatus(await at().until(name, (pod) => isReady(pod) && pod))).toMatchObject({ started: true });
    });
  });
}

async function answering(address: string): Promise<void> {
  await expect
    .poll(
      () =>
        fetch(`http://${address}/`).then(
          ({ status }) => status,
          () => 0,
        ),
      PATIENCE,
    )
    .toBe(200);
}
