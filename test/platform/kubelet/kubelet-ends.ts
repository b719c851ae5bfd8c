/** What a kubelet makes of a container that ends, or never begins. */

import { describe, expect, test } from 'vitest';
import { containerStatus, type KubeletFixture, PATIENCE } from './kubelet-fixture.ts';

/** The fixture is there when the tests run, not yet when they are described. */
export function describeEnds(at: () => KubeletFixture): void {
  describe('whose container ends', () => {
    test('backs off from a container that keeps ending, and keeps what it said before', async () => {
      const name = await at().create({ command: ['sh', '-c', 'echo life $$$$; exit 3'] });
      const waiting = await at().until(
        name,
        (pod) => containerStatus(pod)?.state.waiting?.reason === 'CrashLoopBackOff' && pod,
      );
      expect(waiting?.status?.phase).toBe('Running');
      expect(containerStatus(waiting)?.lastState.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
      expect(await at().logOf(name)).toMatch(/^life \d+\n$/);
      expect(await at().logOf(name, { previous: true })).not.toBe(await at().logOf(name));
      const { uid } = waiting?.metadata ?? {};
      await expect
        .poll(() => at().eventsOf(name), PATIENCE)
        .toContain(`BackOff Back-off restarting failed container main in pod ${name}_default(${uid})`);
    });

    test('says that a container could not be started, and not that it was', async () => {
      const name = await at().create({ command: ['./nowhere'] });
      const failed = await at().until(
        name,
        (pod) => containerStatus(pod)?.lastState.terminated?.exitCode === 128 && pod,
      );
      expect(containerStatus(failed)?.lastState.terminated).toMatchObject({ reason: 'StartError' });
      await expect
        .poll(() => at().eventsOf(name), PATIENCE)
        .toContainEqual(expect.stringMatching(/^Failed Error: failed to start container main: \.\/nowhere: /));
      expect((await at().eventsOf(name)).filter((event) => event.startsWith('Started'))).toEqual([]);
    });

    const endings: Record<string, { policy: string; command: string[]; phase: string; code: number }> = {
      'a finished Never': { policy: 'Never', command: ['true'], phase: 'Succeeded', code: 0 },
      'a failed Never': { policy: 'Never', command: ['sh', '-c', 'exit 4'], phase: 'Failed', code: 4 },
      'a finished OnFailure': { policy: 'OnFailure', command: ['true'], phase: 'Succeeded', code: 0 },
      'a command that does not exist, Never': { policy: 'Never', command: ['./nowhere'], phase: 'Failed', code: 128 },
    };
    test.each(Object.entries(endings))(
      'leaves a pod as it ended: %s',
      async (_name, { policy, command, phase, code }) => {
        const name = await at().create({ command }, { spec: { restartPolicy: policy } });
        const pod = await at().until(name, (pod) => pod?.status?.phase === phase && pod);
        expect(containerStatus(pod)?.state.terminated?.exitCode).toBe(code);
      },
    );
  });
}
