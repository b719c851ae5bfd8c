/** What a kubelet does, whatever API server it speaks to: run against the embedded one and against a real control plane. */

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONFIG_MAP, LEASE, NODE, POD, SECRET } from '../../../src/kube/resource-types.ts';
import { identityOf, isRunning } from '../../../src/lib/process-identity.ts';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { describeAbsence } from './kubelet-absence.ts';
import { describeEnds } from './kubelet-ends.ts';
import {
  containerStatus,
  HTTP_READY,
  isReady,
  type KubeletFixture,
  kubeletFixture,
  listenAddress,
  PATIENCE,
  processIdOf,
  serverContainer,
  textOf,
} from './kubelet-fixture.ts';
import { describeProbes } from './kubelet-probes.ts';

/** `start` gives a kubeconfig of an API server, and how to stop it. */
export function describeKubelet(
  where: string,
  start: () => Promise<{ kubeconfigPath: string; stop(): Promise<void> }>,
): void {
  describe(`a kubelet on ${where}`, () => {
    let server: { kubeconfigPath: string; stop(): Promise<void> };
    let at: KubeletFixture;
    const acknowledgements: string[] = [];
    const unacknowledged = new Map<string, () => Promise<void>>();

    beforeAll(async () => {
      server = await start();
      const acknowledged = async ({ name }: { name: string }): Promise<void> => {
        acknowledgements.push(name);
        await unacknowledged.get(name)?.();
      };
      at = await kubeletFixture(server.kubeconfigPath, { acknowledged });
    });
    afterAll(async () => {
      await at?.close();
      await server?.stop();
    });

    const get = (address: string, path = '/') => fetch(`http://${address}${path}`);
    test('registers a node that is ready, and renews its lease', async () => {
      const node = await at.client.get<KubeObject & { status: { conditions: { type: string; status: string }[] } }>(
        NODE,
        {
          name: 'test-node',
        },
      );
      expect(node?.status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
      expect(await at.client.get(LEASE, { namespace: 'kube-node-lease', name: 'test-node' })).toBeDefined();
    });

    test('binds a pod, runs it, and says where it listens by the time it is ready', async () => {
      const name = await at.create({ ...serverContainer, ...HTTP_READY });
      const pod = await at.until(name, (pod) => isReady(pod) && pod);
      expect(pod?.spec.nodeName).toBe('test-node');
      expect(pod?.status).toMatchObject({ phase: 'Running', podIP: expect.stringMatching(/^10\.244\./) });
      expect(await (await get(listenAddress(pod))).text()).toBe('ok');
    });

    test('gives a container its environment: values, fields, ConfigMaps, Secrets, ports', async () => {
      const metadata = { namespace: 'default', name: 'settings' };
      await at.client.create(CONFIG_MAP, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata,
        data: { COLOUR: 'blue', SIZE: 'xl' },
      });
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata,
        data: { key: Buffer.from('hush').toString('base64') },
      };
      await at.client.create(SECRET, secret);
      const name = await at.create(
        {
          command: ['sh', '-c', 'env | grep -v -e ^PWD -e ^PATH | sort; echo "$0"', '$(COLOUR) $$(COLOUR) $(NOPE)'],
          ports: [{ containerPort: 80 }, { name: 'admin-api', containerPort: 81 }],
          envFrom: [
            { prefix: 'CFG_', configMapRef: { name: 'settings' } },
            { secretRef: { name: 'absent', optional: true } },
          ],
          env: [
            { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOUR' } } },
            { name: 'KEY', valueFrom: { secretKeyRef: { name: 'settings', key: 'key' } } },
            { name: 'NONE', valueFrom: { secretKeyRef: { name: 'settings', key: 'nope', optional: true } } },
            { name: 'BOTH', value: '$(CFG_SIZE)-$(COLOUR)' },
            { name: 'WHO', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'WHERE', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'TIER', valueFrom: { fieldRef: { fieldPath: "metadata.labels['tier']" } } },
          ],
        },
        { spec: { restartPolicy: 'Never' }, metadata: { labels: { tier: 'web' } } },
      );
      const pod = await at.until(name, (pod) => pod?.status?.phase === 'Succeeded' && pod);
      const said = (await at.logOf(name)).split('\n');
      expect(said).toEqual(
        expect.arrayContaining([
          'CFG_COLOUR=blue',
          'CFG_SIZE=xl',
          'COLOUR=blue',
          'KEY=hush',
          'BOTH=xl-blue',
          `WHO=${name}`,
          `HOSTNAME=${name}`,
          `WHERE=${pod?.status?.podIP}`,
          'TIER=web',
          'blue $(COLOUR) $(NOPE)',
        ]),
      );
      expect(said.join('\n')).toMatch(/^PORT=\d+$/m);
      expect(said.join('\n')).toMatch(/^PORT_ADMIN_API=\d+$/m);
      expect(said.join('\n')).not.toMatch(/^(NONE|HOME|USER)=/m);
    });

    test('waits for a ConfigMap that is missing, and starts once it is there', async () => {
      const name = await at.create({ command: ['sleep', '600'], envFrom: [{ configMapRef: { name: 'later' } }] });
      const waiting = await at.until(
        name,
        (pod) => containerStatus(pod)?.state.waiting?.reason === 'CreateContainerConfigError' && pod,
      );
      expect(containerStatus(waiting)?.state.waiting?.message).toBe('ConfigMap later does not exist');
      await at.client.create(CONFIG_MAP, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: 'default', name: 'later' },
      });
      await at.until(name, isReady);
    });

    const refused: Record<string, { container?: object; spec?: object; path: string }> = {
      'an image without a command': { container: { image: 'nginx' }, path: 'spec.containers[0].command' },
      'a volume': {
        container: { command: ['true'] },
        spec: { volumes: [{ name: 'v', emptyDir: {} }] },
        path: 'spec.volumes[0].emptyDir',
      },
      'the network of the host': {
        container: { command: ['true'] },
        spec: { hostNetwork: true },
        path: 'spec.hostNetwork',
      },
      'another user': {
        container: { command: ['true'], securityContext: { runAsUser: 7 } },
        path: 'spec.containers[0].securityContext',
      },
    };
    test.each(Object.entries(refused))(
      'refuses %s loudly, naming the field',
      async (_name, { container = {}, spec = {}, path }) => {
        const name = await at.create(container as Record<string, unknown>, { spec });
        const pod = await at.until(
          name,
          (pod) => containerStatus(pod)?.state.waiting?.reason === 'RefusedByProcessRuntime' && pod,
        );
        expect(pod?.status?.phase).toBe('Pending');
        expect(containerStatus(pod)?.state.waiting?.message).toContain(`${path}: `);
        await expect
          .poll(() => at.eventsOf(name), PATIENCE)
          .toContainEqual(expect.stringContaining(`Refused ${path}: `));
      },
    );

    test('deletes a pod by asking its whole process group, after the proxies know', async () => {
      const command = ['sh', '-c', 'trap "echo asked; exit 0" TERM; sleep 600 & echo child $!; wait'];
      const name = await at.create({ command });
      await at.until(name, isReady);
      await expect.poll(() => at.logOf(name), PATIENCE).toMatch(/child \d+/);
      const child = identityOf(Number(/child (\d+)/.exec(await at.logOf(name))?.[1]));
      await at.client.delete(POD, { namespace: 'default', name });
      await at.until(name, (pod) => pod === undefined);
      expect(acknowledgements).toContain(name);
      // Both were asked at once, and the pod is gone with the first of them.
      await expect.poll(() => child !== undefined && isRunning(child), PATIENCE).toBe(false);
    });

    test('kills a process that does not listen when its grace period is over', async () => {
      const name = await at.create(
        { command: ['sh', '-c', 'trap "" TERM; echo armed; while :; do sleep 0.1; done'] },
        { spec: { terminationGracePeriodSeconds: 1 } },
      );
      const process = identityOf(processIdOf(await at.until(name, (pod) => isReady(pod) && pod)));
      await expect.poll(() => at.logOf(name), PATIENCE).toBe('armed\n');
      await at.client.delete(POD, { namespace: 'default', name });
      await at.until(name, (pod) => pod === undefined);
      expect(process !== undefined && isRunning(process)).toBe(false);
    });

    test('runs preStop before it asks a process to end', async () => {
      const file = `${at.dataDir}/prestop`;
      const lifecycle = { preStop: { exec: { command: ['sh', '-c', `echo before >> ${file}`] } } };
      const command = ['sh', '-c', `trap "echo asked >> ${file}; exit" TERM; echo armed; while :; do sleep 0.05; done`];
      const name = await at.create({ command, lifecycle });
      await at.until(name, isReady);
      await expect.poll(() => at.logOf(name), PATIENCE).toBe('armed\n');
      await at.client.delete(POD, { namespace: 'default', name });
      await at.until(name, (pod) => pod === undefined);
      expect(await readFile(file, 'utf8')).toBe('before\nasked\n');
    });

    test('does not ask a process to end before the proxies know that it takes no traffic any more', async () => {
      const name = await at.create({ command: ['sleep', '600'] });
      const process = identityOf(processIdOf(await at.until(name, (pod) => isReady(pod) && pod)));
      const known = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      unacknowledged.set(name, () => {
        asked.resolve();
        return known.promise;
      });
      await at.client.delete(POD, { namespace: 'default', name });
      await asked.promise;
      expect(process !== undefined && isRunning(process)).toBe(true);
      known.resolve();
      await at.until(name, (pod) => pod === undefined);
    });

    test('follows what a pod says until it has ended', async () => {
      const command = ['sh', '-c', 'echo one; echo two; sleep 0.4; echo three'];
      const name = await at.create({ command }, { spec: { restartPolicy: 'Never' } });
      await at.until(
        name,
        (pod) => containerStatus(pod)?.state.running !== undefined || pod?.status?.phase === 'Succeeded',
      );
      const ref = { namespace: 'default', name, container: 'main' };
      const followed = at.kubelet.podLogs(
        ref,
        { follow: true, previous: false, timestamps: false },
        new AbortController().signal,
      );
      expect(await textOf(followed)).toBe('one\ntwo\nthree\n');
      expect(await at.logOf(name, { tailLines: 2 })).toBe('two\nthree\n');
    });

    describeProbes(() => at);
    describeEnds(() => at);
    describeAbsence(() => at);
  });
}
