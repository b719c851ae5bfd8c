/**
 * The controllers against an API server: the embedded one, or the one of SLUICE_TEST_KUBECONFIG, which must not run controllers of
 * its own.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/kube/connect.ts';
import { isAlreadyExists, type KubeClient } from '../../../src/kube/kube-client.ts';
import {
  DEPLOYMENT,
  ENDPOINT_SLICE,
  EVENT,
  NAMESPACE,
  POD,
  REPLICA_SET,
  SERVICE,
  SERVICE_ACCOUNT,
} from '../../../src/kube/resource-types.ts';
import { createWatchCache } from '../../../src/kube/watch-cache.ts';
import type { WatchCache } from '../../../src/kube/watch-cache.types.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { startApiServer } from '../../../src/platform/api/api-server.ts';
import type { EndpointSlice } from '../../../src/platform/controllers/endpoint-objects.ts';
import { conditionOf } from '../../../src/platform/controllers/pod-facts.ts';
import { type Controllers, startControllers } from '../../../src/platform/controllers/start-controllers.ts';
import type { Deployment, Pod, ReplicaSet } from '../../../src/platform/controllers/workload-objects.ts';
import { startApiKubelet } from './api-kubelet.ts';

const tools = { clock: systemClock, random: Math.random, logger: silentLogger };
const namespace = `controllers-${process.pid}`;
const web = { namespace, name: 'web' };
const broken = 'web:broken';

let dataDir: string;
let closeServer: () => Promise<void> = async () => {};
let client: KubeClient;
let controllers: Controllers;
let kubelet: ReturnType<typeof startApiKubelet>;
let watched: WatchCache<KubeObject>[] = [];
const waiters: (() => void)[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-controllers-'));
  client = await connect({ kubeconfigPath: await kubeconfig(), clock: systemClock, userAgent: 'controllers-test' });
  await client.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await createAccount();
  kubelet = startApiKubelet(client, ({ spec }) => spec.containers?.[0]?.image !== broken);
  controllers = startControllers({ client, ...tools });
  watched = [DEPLOYMENT, ENDPOINT_SLICE, POD].map((type) => createWatchCache(client, type, { namespace, ...tools }));
  for (const cache of watched) {
    cache.onChange(() => {
      for (const wake of waiters.splice(0)) wake();
    });
  }
  await Promise.all([controllers.synced, ...watched.map((cache) => cache.synced)]);
});

/** A real server admits pods only with an account, which nobody makes when its controllers do not run. */
async function createAccount(): Promise<void> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
  await client.create(SERVICE_ACCOUNT, account).catch((thrown: unknown) => {
    if (!isAlreadyExists(thrown)) throw thrown;
  });
}

async function kubeconfig(): Promise<string> {
  const given = process.env.SLUICE_TEST_KUBECONFIG;
  if (given !== undefined) return given;
  const server = await startApiServer({ dataDir, ...tools });
  closeServer = () => server.close();
  return server.kubeconfigPath;
}

afterAll(async () => {
  for (const cache of watched) cache.close();
  await controllers?.close();
  await kubelet?.close();
  await client?.close();
  await closeServer();
  await rm(dataDir, { recursive: true, force: true });
});

describe('a Deployment', () => {
  test('becomes a ReplicaSet, pods, and endpoints of its Service', async () => {
    await client.create(SERVICE, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: web,
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    });
    await client.create(DEPLOYMENT, manifest('web:1'));
    const done = await untilDeployment(isRolledOut);
    expect(done.status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 });
    expect(conditionOf(done, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
    expect(conditionOf(done, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
    expect(done.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '1' });
    expect(await activePods()).toHaveLength(3);
    const slice = await until(async () => {
      const [first] = (await client.list<EndpointSlice>(ENDPOINT_SLICE, { namespace })).items;
      return first?.endpoints?.filter(({ conditions }) => conditions.ready).length === 3 ? first : undefined;
    });
    expect(slice.ports).toMatchObject([{ name: 'http', port: 8080, protocol: 'TCP' }]);
  });

  test('writes nothing once it has arrived', async () => {
    const before = await versions();
    await client.patch(SERVICE, web, { metadata: { annotations: { touched: 'yes' } } }, { strategy: 'merge' });
    await client.patch(
      POD,
      (await activePods())[0]!.metadata,
      { metadata: { annotations: { touched: 'yes' } } },
      { strategy: 'merge' },
    );
    await secondTurn();
    expect(await versions()).toEqual(before);
  });

  test('rolls to a new template pod by pod, and remembers the old one', async () => {
    await client.patch(DEPLOYMENT, web, image('web:2'), { strategy: 'strategic' });
    const done = await untilDeployment((found) => revisionOf(found) === '2' && isRolledOut(found));
    expect(done.status?.updatedReplicas).toBe(3);
    expect(await sizes()).toEqual({ 1: 0, 2: 3 });
    expect((await activePods()).map(({ spec }) => spec.containers?.[0]?.image)).toEqual(['web:2', 'web:2', 'web:2']);
  });

  test('says that a broken template does not come up, and keeps serving', async () => {
    await client.patch(DEPLOYMENT, web, image(broken), { strategy: 'strategic' });
    const stuck = await untilDeployment(
      (found) => conditionOf(found, 'Progressing')?.reason === 'ProgressDeadlineExceeded',
    );
    expect(stuck.status?.availableReplicas).toBeGreaterThanOrEqual(3);
    expect(conditionOf(stuck, 'Available')?.status).toBe('True');
  });

  test('goes back when the old template comes back, as a new revision', async () => {
    await client.patch(DEPLOYMENT, web, image('web:1'), { strategy: 'strategic' });
    await untilDeployment((found) => revisionOf(found) === '4' && isRolledOut(found));
    expect(await sizes()).toEqual({ 2: 0, 3: 0, 4: 3 });
  });

  test('scales, and replaces a pod that was deleted', async () => {
    await client.patch(DEPLOYMENT, web, { spec: { replicas: 5 } }, { strategy: 'merge' });
    await untilDeployment(({ status }) => status?.availableReplicas === 5);
    const [victim] = await activePods();
    await client.delete(POD, victim!.metadata);
    await until(async () => {
      const left = await activePods();
      return left.length === 5 && !left.some(({ metadata }) => metadata.uid === victim?.metadata.uid)
        ? left
        : undefined;
    });
    await client.patch(DEPLOYMENT, web, { spec: { replicas: 1 } }, { strategy: 'merge' });
    await untilDeployment(({ status }) => status?.replicas === 1 && status.availableReplicas === 1);
  });

  test('announces what it does, so that describe can show it', async () => {
    const { metadata } = await untilDeployment(() => true);
    const { items } = await client.list<KubeObject>(EVENT, {
      namespace,
      fieldSelector: `involvedObject.uid=${metadata.uid}`,
    });
    expect(items.map(({ message }) => String(message)).some((text) => /Scaled up .* from 0 to 3/.test(text))).toBe(
      true,
    );
  });

  test('ends all old pods before it starts new ones when it is told to recreate', async () => {
    const strategy = { type: 'Recreate', rollingUpdate: null };
    await client.patch(DEPLOYMENT, web, { spec: { strategy } }, { strategy: 'merge' });
    const images = new Set<string>();
    const unsubscribe = kubelet.pods.onChange(({ type, object }) => {
      if (type !== 'added' || object.metadata.namespace !== namespace) return;
      for (const other of kubelet.pods.list(namespace)) images.add(String(other.spec.containers?.[0]?.image));
    });
    // Those that are there already were told at once.
    images.clear();
    await client.patch(DEPLOYMENT, web, image('web:5'), { strategy: 'strategic' });
    await untilDeployment((found) => revisionOf(found) === '5' && isRolledOut(found));
    unsubscribe();
    expect([...images]).toEqual(['web:5']);
  });
});

function manifest(tag: string): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: web,
    spec: {
      replicas: 3,
      progressDeadlineSeconds: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [{ name: 'web', image: tag, command: ['true'], ports: [{ name: 'http', containerPort: 8080 }] }],
        },
      },
    },
  };
}

const image = (tag: string) => ({ spec: { template: { spec: { containers: [{ name: 'web', image: tag }] } } } });

function isRolledOut({ metadata, spec, status }: Deployment): boolean {
  const all = [status?.updatedReplicas, status?.replicas, status?.availableReplicas];
  return status?.observedGeneration === metadata.generation && all.every((count) => count === spec.replicas);
}

const revisionOf = ({ metadata }: Deployment) => metadata.annotations?.['deployment.kubernetes.io/revision'];

async function activePods(): Promise<Pod[]> {
  const { items } = await client.list<Pod>(POD, { namespace, labelSelector: 'app=web' });
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Wanted replicas by revision. */
async function sizes(): Promise<Record<string, number>> {
  const { items } = await client.list<ReplicaSet>(REPLICA_SET, { namespace });
  const entries = items.map(({ metadata, spec }) => [
    metadata.annotations?.['deployment.kubernetes.io/revision'] ?? '',
    spec.replicas ?? -1,
  ]);
  return Object.fromEntries(entries) as Record<string, number>;
}

async function versions(): Promise<Record<string, string | undefined>> {
  const lists = await Promise.all(
    [DEPLOYMENT, REPLICA_SET, ENDPOINT_SLICE].map((type) => client.list(type, { namespace })),
  );
  const objects = lists.flatMap(({ items }) => items);
  return Object.fromEntries(objects.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
}

/** Returns once the controllers have worked on something that came later than all before it. */
async function secondTurn(): Promise<void> {
  const later = { namespace, name: `later-${Math.random().toString(36).slice(2, 8)}` };
  const selector = { app: later.name };
  const spec = { ...manifest('web:1').spec, replicas: 0, selector: { matchLabels: selector } };
  const template = { ...spec.template, metadata: { labels: selector } };
  await client.create(DEPLOYMENT, { ...manifest('web:1'), metadata: later, spec: { ...spec, template } });
  await until(async () => {
    const found = await client.get<Deployment>(DEPLOYMENT, later);
    const arrived = found !== undefined && conditionOf(found, 'Progressing')?.reason === 'NewReplicaSetAvailable';
    return arrived && found.status?.observedGeneration === found.metadata.generation ? found : undefined;
  });
  await client.delete(DEPLOYMENT, later);
  for (const { metadata } of (
    await client.list<ReplicaSet>(REPLICA_SET, { namespace, labelSelector: `app=${later.name}` })
  ).items) {
    await client.delete(REPLICA_SET, metadata);
  }
}

async function untilDeployment(holds: (found: Deployment) => boolean): Promise<Deployment> {
  return until(async () => {
    const found = await client.get<Deployment>(DEPLOYMENT, web);
    return found !== undefined && holds(found) ? found : undefined;
  });
}

/** Asks again after every change, until there is an answer; the test's own deadline ends what never comes. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const changed = nextChange();
    const answer = await ask();
    if (answer !== undefined) return answer;
    await changed;
  }
}

function nextChange(): Promise<void> {
  return new Promise((resolve) => waiters.push(resolve));
}
