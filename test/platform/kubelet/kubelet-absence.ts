/** What a kubelet finds when it comes back: pods that went on, ended, or were deleted meanwhile. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { POD } from '../../../src/kube/resource-types.ts';
import { identityOf, isRunning } from '../../../src/lib/process-identity.ts';
import {
  containerStatus,
  HTTP_READY,
  isReady,
  type KubeletFixture,
  listenAddress,
  PATIENCE,
  processIdOf,
  serverContainer,
} from './kubelet-fixture.ts';

/** The fixture is there when the tests run, not yet when they are described. */
export function describeAbsence(at: () => KubeletFixture): void {
  describe('that was away', () => {
    test('adopts a pod that goes on running, with its port, and can still stop it', async () => {
      const name = await at().create({ ...serverContainer, ...HTTP_READY });
      const before = await at().until(name, (pod) => isReady(pod) && pod);
      await at().kubelet.close({ stopPods: false });
      expect(await (await fetch(`http://${listenAddress(before)}/`)).text()).toBe('ok');
      await at().restart();
      const after = await at().until(name, (pod) => isReady(pod) && pod);
      expect([processIdOf(after), listenAddress(after)]).toEqual([processIdOf(before), listenAddress(before)]);
      const process = identityOf(processIdOf(after));
      await at().client.delete(POD, { namespace: 'default', name });
      await at().until(name, (pod) => pod === undefined);
      expect(process !== undefined && isRunning(process)).toBe(false);
    });

    test('restarts a pod that died meanwhile, and says that nobody knows how', async () => {
      const name = await at().create({ command: ['sleep', '600'] });
      const before = await at().until(name, (pod) => isReady(pod) && pod);
      await at().kubelet.close({ stopPods: false });
      process.kill(processIdOf(before), 'SIGKILL');
      await expect.poll(() => identityOf(processIdOf(before)), PATIENCE).toBeUndefined();
      await at().restart();
      const after = await at().until(name, (pod) => isReady(pod) && processIdOf(pod) !== processIdOf(before) && pod);
      expect(containerStatus(after)?.restartCount).toBe(1);
    });

    test('stops a process whose Pod was deleted meanwhile', async () => {
      const name = await at().create({ command: ['sleep', '600'] });
      const process = identityOf(processIdOf(await at().until(name, (pod) => isReady(pod) && pod)));
      await at().kubelet.close({ stopPods: false });
      await at().client.delete(POD, { namespace: 'default', name }, { gracePeriodSeconds: 0 });
      await at().until(name, (pod) => pod === undefined);
      expect(process !== undefined && isRunning(process)).toBe(true);
      await at().restart();
      await expect.poll(() => process !== undefined && isRunning(process), PATIENCE).toBe(false);
    });

    test('leaves no second process when it was killed between starting one and writing it down', async () => {
      const name = await at().create({ command: ['sleep', '600'] });
      const before = await at().until(name, (pod) => isReady(pod) && pod);
      await at().kubelet.close({ stopPods: false });
      const process = identityOf(processIdOf(before));
      await forgetProcess(join(at().dataDir, 'pods', `default_${name}_${before.metadata.uid}`, 'record.json'));
      await at().restart();
      await expect.poll(() => process !== undefined && isRunning(process), PATIENCE).toBe(false);
      await at().until(name, (pod) => isReady(pod) && processIdOf(pod) !== processIdOf(before) && pod);
    });

    test('stops its pods cleanly when told to, keeps the objects, and starts them again next time', async () => {
      const name = await at().create({ ...serverContainer, ...HTTP_READY });
      const before = await at().until(name, (pod) => isReady(pod) && pod);
      const process = identityOf(processIdOf(before));
      await at().kubelet.close({ stopPods: true });
      expect(process !== undefined && isRunning(process)).toBe(false);
      await at().until(name, (pod) => pod !== undefined && !isReady(pod));
      await at().restart();
      const after = await at().until(name, (pod) => isReady(pod) && pod);
      expect(after?.metadata.uid).toBe(before?.metadata.uid);
    });
  });
}

async function forgetProcess(recordFile: string): Promise<void> {
  const { process: _forgotten, ...record } = JSON.parse(await readFile(recordFile, 'utf8'));
  await writeFile(recordFile, JSON.stringify(record));
}
