/** A kubelet over any API server, and the pods of one test. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from '../../../src/kube/connect.ts';
import type { KubeClient } from '../../../src/kube/kube-client.ts';
import { EVENT, POD } from '../../../src/kube/resource-types.ts';
import { createWatchCache } from '../../../src/kube/watch-cache.ts';
import type { WatchCache } from '../../../src/kube/watch-cache.types.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { KubeObject, ObjectMeta } from '../../../src/lib/resource.ts';
import type { Pod } from '../../../src/platform/kubelet/pod.ts';
import { type Kubelet, type KubeletOptions, startKubelet } from '../../../src/platform/kubelet/start-kubelet.ts';

export type KubeletFixture = {
  client: KubeClient;
  pods: WatchCache<Pod>;
  dataDir: string;
  kubelet: Kubelet;
  /** Starts the kubelet anew over the same data; the one before must have been closed. */
  restart(): Promise<void>;
  /** Creates a pod of one container; the name is made unique. */
  create(container: Record<string, unknown>, more?: { spec?: object; metadata?: Partial<ObjectMeta> }): Promise<string>;
  /** Resolves with the pod once it is as described, or with `undefined` in place of a pod that is gone. */
  until<T>(name: string, what: (pod: Pod | undefined) => T | undefined | false): Promise<T>;
  /** What the kubelet keeps of the output of a pod. */
  logOf(name: string, options?: { previous?: boolean; tailLines?: number }): Promise<string>;
  /** What was said about a pod, reason first. */
  eventsOf(name: string): Promise<string[]>;
  close(): Promise<void>;
};

/** The folder of the node that runs the tests: pods find `node` and the shell's tools there. */
const PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;
const FAST_RESTARTS = { baseMs: 1_000, maxMs: 4_000, stableMs: 600_000 };

export async function kubeletFixture(
  kubeconfigPath: string,
  options: Partial<KubeletOptions> = {},
): Promise<KubeletFixture> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-kubelet-'));
  const clock = systemClock;
  const client = await connect({ kubeconfigPath, clock, userAgent: 'kubelet-test' });
  const shared = { clock, random: Math.random, logger: silentLogger };
  const pods = createWatchCache<Pod>(client, POD, shared);
  const start = () =>
    startKubelet({
      client,
      dataDir,
      nodeName: 'test-node',
      workDir: dataDir,
      baseEnv: { PATH },
      restartBackoff: FAST_RESTARTS,
      ...shared,
      ...options,
    });
  await pods.synced;
  let count = 0;
  const created: string[] = [];

  const fixture: KubeletFixture = {
    client,
    pods,
    dataDir,
    kubelet: start(),
    async restart() {
      fixture.kubelet = start();
      await fixture.kubelet.synced;
    },
    async create(container, { spec, metadata } = {}) {
      count += 1;
      const name = `p${count}-${Math.random().toString(36).slice(2, 8)}`;
      const containers = [{ name: 'main', image: 'none', ...container }];
      const defaults = { terminationGracePeriodSeconds: 3, automountServiceAccountToken: false };
      await client.create(POD, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: 'default', name, ...metadata },
        spec: { ...defaults, containers, ...spec },
      });
      created.push(name);
      return name;
    },
    until(name, what) {
      return new Promise((resolve) => {
        const check = (): void => {
          const found = what(pods.get('default', name));
          if (found === undefined || found === false) return;
          queueMicrotask(() => stop());
          resolve(found);
        };
        const stop = pods.onChange(check);
        check();
      });
    },
    async logOf(name, options = {}) {
      const ref = { namespace: 'default', name, container: 'main' };
      const all = { follow: false, previous: false, timestamps: false, ...options };
      return textOf(fixture.kubelet.podLogs(ref, all, new AbortController().signal));
    },
    async eventsOf(name) {
      type Event = KubeObject & { involvedObject: { name: string }; reason: string; message: string };
      const { items } = await client.list<Event>(EVENT, { namespace: 'default' });
      return items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reason, message }) => `${reason} ${message}`);
    },
    async close() {
      for (const name of created) await client.delete(POD, { namespace: 'default', name }, { gracePeriodSeconds: 0 });
      await fixture.kubelet.close({ stopPods: true });
      pods.close();
      await client.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  await fixture.kubelet.synced;
  return fixture;
}

export async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(chunks)).toString();
}

export function isReady(pod: Pod | undefined): boolean {
  return pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

export type ContainerStatus = {
  ready: boolean;
  started: boolean;
  restartCount: number;
  containerID?: string;
  state: {
    running?: { startedAt: string };
    waiting?: { reason: string; message?: string };
    terminated?: { exitCode: number; reason: string; message?: string };
  };
  lastState: { terminated?: { exitCode: number; reason: string; message?: string; signal?: number } };
};

export function containerStatus(pod: Pod | undefined): ContainerStatus | undefined {
  return (pod?.status?.containerStatuses as ContainerStatus[] | undefined)?.[0];
}

export function processIdOf(pod: Pod | undefined): number {
  return Number(containerStatus(pod)?.containerID?.replace('process://', ''));
}

export function listenAddress(pod: Pod | undefined, port = '8080'): string {
  return JSON.parse(pod?.metadata.annotations?.['platform.sluice.dev/listen'] ?? '{}')[port] ?? '';
}

/** A server in the words of `node -e`: answers 200 on every path but those that `state` turns off. */
export const SERVER = `
  const state = { healthy: true, ready: true };
  require('node:http').createServer((request, response) => {
    const [, path, value] = request.url.split('/');
    if (value !== undefined) state[path] = value === 'on';
    response.writeHead(state[path] === false && value === undefined ? 503 : 200).end(process.env.ANSWER ?? 'ok');
  }).listen(Number(process.env.PORT), '127.0.0.1');
`;
export const serverContainer = {
  command: ['node', '-e', SERVER],
  ports: [{ name: 'http', containerPort: 8080 }],
};

/** Ready while `/ready` answers 200. */
export const HTTP_READY = {
  readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 1, failureThreshold: 1 },
};

/** Of polls for what is not told: generous, because the machine may be busy. */
export const PATIENCE = { timeout: 15_000 };
