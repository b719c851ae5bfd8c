/** A world for the controller: the embedded API server, the real Deployment controllers, pods without processes, a scripted metrics server. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CANARY, type Canary } from '../../src/canary/canary.schema.ts';
import { startController } from '../../src/controller/start-controller.ts';
import { connect } from '../../src/kube/connect.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { CUSTOM_RESOURCE_DEFINITION, NAMESPACE } from '../../src/kube/resource-types.ts';
import { createWatchCache } from '../../src/kube/watch-cache.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { VIRTUAL_SERVICE } from '../../src/mesh/istio-kinds.ts';
import type { Sample } from '../../src/metrics/verdict.ts';
import { startApiServer } from '../../src/platform/api/api-server.ts';
import { startControllers } from '../../src/platform/controllers/start-controllers.ts';
import type { Pod } from '../../src/platform/controllers/workload-objects.ts';
import { startApiKubelet } from '../platform/controllers/api-kubelet.ts';

const tools = { clock: systemClock, random: Math.random, logger: silentLogger };

export const GOOD: Sample = { kind: 'value', value: 100 };
export const NO_DATA: Sample = { kind: 'noData', reason: 'no traffic' };

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

/** A pod whose image ends in `:broken`, or that `broken` names, never becomes ready. */
export async function startCluster() {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-controller-'));
  const server = await startApiServer({ dataDir, ...tools });
  const client = await connect({
    kubeconfigPath: server.kubeconfigPath,
    clock: systemClock,
    userAgent: 'controller-test',
  });
  await applyCrds(client);
  const deployments = startControllers({ client, ...tools });
  const broken = new Map<string, (pod: string) => boolean>();
  const kubelet = startApiKubelet(client, (pod) => {
    return isWhole(pod) && broken.get(pod.metadata.namespace ?? '')?.(pod.metadata.name) !== true;
  });
  const acknowledging = { on: true };
  const routes = acknowledgeRoutes(client, acknowledging);
  const metrics = new Map<string, Sample>();
  const seen = recordCanaries(client);
  let controller = start();

  function start() {
    return startController({
      ...{ client, ...tools, drainMs: 20 },
      metricsProvider: () => ({ query: async (query) => metrics.get(namespaceOf(query)) ?? GOOD }),
    });
  }
  await Promise.all([controller.synced, deployments.synced]);

  return {
    client,
    /** What the metrics server says about the canary of each namespace; 100 unless stated, so that scenarios run side by side. */
    metrics,
    /** Pods, by namespace, that never become ready. */
    broken,
    acknowledging,
    seen,
    /** Asks again which pods become ready. */
    lookAgain: () => kubelet.look(),
    /** As after a crash: nothing in memory survives. */
    async restartController() {
      await controller.close();
      controller = start();
      await controller.synced;
    },
    stopController: () => controller.close(),
    async close() {
      await controller.close();
      await deployments.close();
      await kubelet.close();
      routes.close();
      seen.close();
      await client.close();
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Every built-in query names the namespace of the canary. */
function namespaceOf(query: string): string {
  return /destination_workload_namespace="([^"]*)"/.exec(query)?.[1] ?? '';
}

function isWhole({ spec }: Pod): boolean {
  return !String(spec.containers?.[0]?.image).endsWith(':broken');
}

async function applyCrds(client: KubeClient): Promise<void> {
  const folder = join(import.meta.dirname, '../../deploy/crds');
  for (const file of await readdir(folder)) {
    const crd = parse(await readFile(join(folder, file), 'utf8')) as KubeObject;
    await client.create(CUSTOM_RESOURCE_DEFINITION, crd);
  }
}

/** What discovery does once all proxies serve a VirtualService. */
function acknowledgeRoutes(client: KubeClient, acknowledging: { on: boolean }) {
  const cache = createWatchCache<KubeObject & { status?: { observedGeneration?: number } }>(
    client,
    VIRTUAL_SERVICE,
    tools,
  );
  cache.onChange(({ type, object }) => {
    const { name, namespace = 'default', generation } = object.metadata;
    if (!acknowledging.on || type === 'deleted' || object.status?.observedGeneration === generation) return;
    const patch = { status: { observedGeneration: generation } };
    client
      .patch(VIRTUAL_SERVICE, { namespace, name }, patch, { strategy: 'merge', subresource: 'status' })
      .catch(() => {});
  });
  return cache;
}

export async function createNamespace({ client }: Pick<Cluster, 'client'>, name: string): Promise<void> {
  await client.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** Every status that a Canary ever had, in order: a state that lasts a moment is not missed. */
function recordCanaries(client: KubeClient) {
  const cache = createWatchCache<Canary>(client, CANARY, tools);
  const log: Canary[] = [];
  const waiters = new Map<() => void, string>();
  cache.onChange(({ type, object }) => {
    if (type !== 'deleted') log.push(object);
    for (const [wake, namespace] of [...waiters]) if (namespace === object.metadata.namespace) wake();
  });
  return {
    log,
    close: () => cache.close(),
    /** The next change in the namespace, or a moment: objects of other kinds are not watched here. */
    changed: (namespace: string) =>
      new Promise<void>((resolve) => {
        const cancel = systemClock.after(100, () => done());
        const done = () => {
          cancel();
          waiters.delete(done);
          resolve();
        };
        waiters.set(done, namespace);
      }),
  };
}

/** Looks again after a moment, or after each change of the namespace's Canaries, until `check` finds what it wants. */
export async function until<T>(
  { seen }: Cluster,
  check: () => Promise<T | undefined | false>,
  what: string,
  namespace = 'none',
): Promise<T> {
  const deadline = systemClock.monotonicMs() + 100_000;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (systemClock.monotonicMs() > deadline) throw new Error(`Not in time: ${what}`);
    await seen.changed(namespace);
  }
}

/** The first status since `from` of which `check` is true; also one that has passed meanwhile. */
export async function untilCanary(
  cluster: Cluster,
  { namespace, what, from = 0 }: { namespace: string; what: string; from?: number },
  check: (canary: Canary) => boolean,
): Promise<Canary> {
  const mine = () =>
    cluster.seen.log
      .slice(from)
      .filter(({ metadata }) => metadata.namespace === namespace && metadata.name === 'hello');
  try {
    return await until(cluster, async () => mine().find(check), what, namespace);
  } catch (thrown) {
    const { state, waitingFor, reason } = mine().at(-1)?.status?.rollout ?? {};
    throw new Error(`${what}: ${JSON.stringify({ state, waitingFor, reason })}`, { cause: thrown });
  }
}
