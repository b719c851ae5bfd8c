/** A world for the controller: the embedded API server, the real Deployment controllers, pods without processes, a scripted metrics server. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CANARY, type Canary } from '../../src/canary/canary.schema.ts';
import { ROLLOUT_ACTION, type RolloutAction, type RolloutActionSpec } from '../../src/canary/rollout-action.schema.ts';
import { startController } from '../../src/controller/start-controller.ts';
import type { Deployment } from '../../src/controller/workload.ts';
import { connect } from '../../src/kube/connect.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { CUSTOM_RESOURCE_DEFINITION, DEPLOYMENT, NAMESPACE } from '../../src/kube/resource-types.ts';
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

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

/** @param becomesReady whether a pod is made ready; by default every one whose image does not end in `:broken` */
export async function startCluster(becomesReady: (pod: Pod) => boolean = isWhole) {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-controller-'));
  const server = await startApiServer({ dataDir, ...tools });
  const client = await connect({
    kubeconfigPath: server.kubeconfigPath,
    clock: systemClock,
    userAgent: 'controller-test',
  });
  await applyCrds(client);
  const deployments = startControllers({ client, ...tools });
  const kubelet = startApiKubelet(client, becomesReady);
  const acknowledging = { on: true };
  const routes = acknowledgeRoutes(client, acknowledging);
  const metrics: { answer: (query: string) => Sample } = { answer: () => ({ kind: 'value', value: 100 }) };
  const seen = recordCanaries(client);
  let controller = start();

  function start() {
    return startController({
      ...{ client, ...tools, drainMs: 20 },
      metricsProvider: () => ({ query: async (query) => metrics.answer(query) }),
    });
  }
  await Promise.all([controller.synced, deployments.synced]);

  return {
    client,
    metrics,
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

export async function createNamespace({ client }: Cluster, name: string): Promise<void> {
  await client.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

export function helloDeployment(namespace: string, image = 'hello:1'): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'hello', namespace, labels: { app: 'hello' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'hello' } },
      template: {
        metadata: { labels: { app: 'hello' } },
        spec: { containers: [{ name: 'hello', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
      },
    },
  };
}

export function helloCanary(
  namespace: string,
  analysis: Record<string, unknown>,
  more: Record<string, unknown> = {},
): KubeObject {
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'hello', namespace },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'hello' },
      progressDeadlineSeconds: 60,
      service: { port: 80, targetPort: 'http' },
      analysis: {
        interval: '1s',
        threshold: 2,
        metrics: [{ name: 'request-success-rate', interval: '1s', thresholdRange: { min: 99 } }],
        ...analysis,
      },
      ...more,
    },
  };
}

export async function release({ client }: Cluster, namespace: string, image: string): Promise<Deployment> {
  const patch = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: image }];
  return client.patch<Deployment>(DEPLOYMENT, { namespace, name: 'hello' }, patch, { strategy: 'json' });
}

export async function canaryOf({ client }: Cluster, namespace: string): Promise<Canary | undefined> {
  return client.get<Canary>(CANARY, { namespace, name: 'hello' });
}

export async function decide(cluster: Cluster, namespace: string, more: Partial<RolloutActionSpec>): Promise<string> {
  const revision = (await canaryOf(cluster, namespace))?.status?.rollout?.revision ?? '';
  const action = await cluster.client.create<RolloutAction>(ROLLOUT_ACTION, {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'RolloutAction',
    metadata: { name: '', generateName: 'hello-', namespace },
    spec: { canary: 'hello', revision, action: 'Approve', by: 'ada', ...more },
  } as RolloutAction);
  return action.metadata.name;
}

/** Every status that a Canary ever had, in order: a state that lasts a moment is not missed. */
function recordCanaries(client: KubeClient) {
  const cache = createWatchCache<Canary>(client, CANARY, tools);
  const log: Canary[] = [];
  const waiters = new Set<() => void>();
  cache.onChange(({ type, object }) => {
    if (type !== 'deleted') log.push(object);
    for (const wake of [...waiters]) wake();
  });
  return {
    log,
    close: () => cache.close(),
    /** The next change, or a moment: objects of other kinds are not watched here. */
    changed: () =>
      new Promise<void>((resolve) => {
        const cancel = systemClock.after(50, () => done());
        const done = () => {
          cancel();
          waiters.delete(done);
          resolve();
        };
        waiters.add(done);
      }),
  };
}

/** Looks again after every change until `check` finds what it wants. */
export async function until<T>(
  { seen }: Cluster,
  check: () => Promise<T | undefined | false>,
  what: string,
): Promise<T> {
  const deadline = systemClock.monotonicMs() + 60_000;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (systemClock.monotonicMs() > deadline) throw new Error(`Not within a minute: ${what}`);
    await seen.changed();
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
    return await until(cluster, async () => mine().find(check), what);
  } catch (thrown) {
    const { state, waitingFor, reason } = mine().at(-1)?.status?.rollout ?? {};
    throw new Error(`${what}: ${JSON.stringify({ state, waitingFor, reason })}`, { cause: thrown });
  }
}
