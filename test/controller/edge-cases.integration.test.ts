/** What goes wrong around a rollout: promotions that fail, configs that change, Canaries that are suspended, invalid or adopted. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANARY } from '../../src/canary/canary.schema.ts';
import type { Config, Deployment, Service } from '../../src/controller/workload.ts';
import { CONFIG_MAP, DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, SERVICE } from '../../src/kube/resource-types.ts';
import type { KubeObject, ResourceType } from '../../src/lib/resource.ts';
import { VIRTUAL_SERVICE } from '../../src/mesh/istio-kinds.ts';
import { type Cluster, createNamespace, GOOD, NO_DATA, startCluster, until, untilCanary } from './cluster.ts';
import {
  atRest,
  canaryOf,
  decide,
  deploymentOf,
  given,
  helloCanary,
  helloDeployment,
  initialized,
  inState,
  ONE_STAGE,
  outcomeOf,
  release,
  weightOf,
} from './hello.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(async () => {
  await cluster?.close();
});

const get = <T extends KubeObject>(type: ResourceType, namespace: string, name: string) =>
  cluster.client.get<T>(type, { namespace, name });

describe.concurrent('a promotion that fails', { timeout: 120_000 }, () => {
  test('keeps the healthy side serving, puts the primary back and ends as failed', async () => {
    const namespace = 'edge-promotion';
    await initialized(cluster, namespace, { more: { progressDeadlineSeconds: 25 } });
    const before = new Set(
      (await cluster.client.list({ ...DEPLOYMENT, group: '', plural: 'pods', kind: 'Pod' }, { namespace })).items.map(
        ({ metadata }) => metadata.name,
      ),
    );
    cluster.broken.set(namespace, (pod) => pod.startsWith('hello-primary') && !before.has(pod));
    await release(cluster, namespace, 'hello:2');
    const failed = await inState(cluster, namespace, 'restoringPrimary');
    expect(failed.status).toMatchObject({
      phase: 'Failed',
      rollout: { reason: expect.stringMatching(/^The primary did not become ready/) },
    });
    cluster.broken.delete(namespace);
    await inState(cluster, namespace, 'rolledBack');
    const primary = await deploymentOf(cluster, namespace, 'hello-primary');
    expect(primary?.spec.template.spec?.containers?.[0]).toMatchObject({ image: 'hello:1' });
    expect(await weightOf(cluster, namespace)).toBe(0);
  });
});

describe.concurrent('a tracked ConfigMap', { timeout: 120_000 }, () => {
  test('is part of the revision: a change is analysed, and the primary reads only what passed', async () => {
    const namespace = 'edge-config';
    const deployment = helloDeployment(namespace) as Deployment;
    const container = deployment.spec.template.spec?.containers?.[0];
    if (container !== undefined) container.envFrom = [{ configMapRef: { name: 'settings' } }];
    const settings: Config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace },
      data: { mode: 'a' },
    };
    cluster.metrics.set(namespace, NO_DATA);
    await createNamespace(cluster, namespace);
    await cluster.client.create(CONFIG_MAP, settings);
    await cluster.client.create(DEPLOYMENT, deployment);
    await cluster.client.create(CANARY, helloCanary(namespace, ONE_STAGE));
    await inState(cluster, namespace, 'initialized');
    const primary = await deploymentOf(cluster, namespace, 'hello-primary');
    expect(primary?.spec.template.spec?.containers?.[0]?.envFrom).toEqual([
      { configMapRef: { name: 'settings-primary' } },
    ]);
    await cluster.client.patch(
      CONFIG_MAP,
      { namespace, name: 'settings' },
      { data: { mode: 'b' } },
      { strategy: 'merge' },
    );
    await inState(cluster, namespace, 'analysing');
    expect((await get<Config>(CONFIG_MAP, namespace, 'settings-primary'))?.data).toEqual({ mode: 'a' });
    cluster.metrics.set(namespace, GOOD);
    await inState(cluster, namespace, 'succeeded');
    expect((await get<Config>(CONFIG_MAP, namespace, 'settings-primary'))?.data).toEqual({ mode: 'b' });
  });
});

describe.concurrent('a suspended Canary', { timeout: 120_000 }, () => {
  test('stays where it is, and goes on when it is not suspended any more', async () => {
    const namespace = 'edge-suspend';
    await initialized(cluster, namespace);
    cluster.metrics.set(namespace, NO_DATA);
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'analysing');
    await cluster.client.patch(
      CANARY,
      { namespace, name: 'hello' },
      { spec: { suspend: true } },
      { strategy: 'merge' },
    );
    await untilCanary(
      cluster,
      { namespace, what: 'suspended' },
      ({ status }) => status?.rollout?.waitingFor?.kind === 'suspend',
    );
    cluster.metrics.set(namespace, GOOD);
    await cluster.client.patch(
      CANARY,
      { namespace, name: 'hello' },
      { spec: { suspend: false } },
      { strategy: 'merge' },
    );
    await inState(cluster, namespace, 'succeeded');
  });
});

describe.concurrent('an invalid Canary', { timeout: 120_000 }, () => {
  test('is refused with every issue, and accepted once it is corrected', async () => {
    const namespace = 'edge-invalid';
    await given(cluster, namespace, { analysis: { stages: [{ name: 'a', weight: 5.5, duration: '1s' }] } });
    const refused = await untilCanary(
      cluster,
      { namespace, what: 'refused' },
      ({ status }) => status?.conditions !== undefined,
    );
    expect(refused.status?.conditions).toMatchObject([
      {
        type: 'Accepted',
        reason: 'Invalid',
        message: 'spec.analysis.stages[0].weight must be a whole number of percent: got 5.5',
      },
    ]);
    const stages = [{ name: 'a', weight: 5, duration: '1s' }];
    await cluster.client.patch(
      CANARY,
      { namespace, name: 'hello' },
      { spec: { analysis: { stages } } },
      { strategy: 'merge' },
    );
    const accepted = await inState(cluster, namespace, 'initialized');
    expect(accepted.status?.conditions?.map(({ type }) => type)).toEqual(['Promoted']);
  });
});

describe.concurrent('a Service that was there before', { timeout: 120_000 }, () => {
  test('is adopted only when the primary is ready, and given back on deletion', async () => {
    const namespace = 'edge-adopt';
    cluster.broken.set(namespace, (pod) => pod.startsWith('hello-primary'));
    cluster.metrics.set(namespace, GOOD);
    await createNamespace(cluster, namespace);
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hello', namespace },
      spec: { selector: { app: 'hello' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    };
    await cluster.client.create(SERVICE, service);
    await cluster.client.create(DEPLOYMENT, helloDeployment(namespace));
    await cluster.client.create(CANARY, helloCanary(namespace, ONE_STAGE));
    await until(cluster, async () => (await get(DEPLOYMENT, namespace, 'hello-primary')) !== undefined, 'the primary');
    expect((await get<Service>(SERVICE, namespace, 'hello'))?.spec.selector).toEqual({ app: 'hello' });
    expect((await deploymentOf(cluster, namespace))?.spec.replicas).toBe(2);
    cluster.broken.delete(namespace);
    cluster.lookAgain();
    await inState(cluster, namespace, 'initialized');
    expect((await get<Service>(SERVICE, namespace, 'hello'))?.spec.selector).toEqual({ app: 'hello-primary' });
    await cluster.client.delete(CANARY, { namespace, name: 'hello' });
    await until(cluster, async () => (await canaryOf(cluster, namespace)) === undefined, 'the Canary gone');
    expect((await get<Service>(SERVICE, namespace, 'hello'))?.spec.selector).toEqual({ app: 'hello' });
  });
});

describe.concurrent('a strategy of Flagger', { timeout: 120_000 }, () => {
  const match = [{ headers: { 'x-canary': { exact: 'insider' } } }];
  const strategies: Record<string, Record<string, unknown>> = {
    stepWeight: { stepWeight: 50, maxWeight: 50 },
    stepWeights: { stepWeights: [5, 50] },
    'A/B testing': { iterations: 2, match },
    'blue/green': { iterations: 2 },
  };
  test.each(Object.entries(strategies))('%s promotes a good revision', async (name, analysis) => {
    const namespace = `edge-${name.toLowerCase().replaceAll(/[^a-z]/g, '')}`;
    await initialized(cluster, namespace, { analysis: analysis });
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'succeeded');
    expect(
      (await deploymentOf(cluster, namespace, 'hello-primary'))?.spec.template.spec?.containers?.[0],
    ).toMatchObject({ image: 'hello:2' });
  });

  test('skipAnalysis promotes without stages', async () => {
    const namespace = 'edge-skip';
    await initialized(cluster, namespace, { more: { skipAnalysis: true } });
    await release(cluster, namespace, 'hello:2');
    const done = await inState(cluster, namespace, 'succeeded');
    expect(done.status?.rollout?.history[0]?.stages).toEqual([]);
  });
});

describe.concurrent('a person', { timeout: 120_000 }, () => {
  test('retries a release that was rolled back, and promotes it by hand', async () => {
    const namespace = 'edge-retry';
    await initialized(cluster, namespace);
    cluster.metrics.set(namespace, { kind: 'value', value: 1 });
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'rolledBack');
    cluster.metrics.set(namespace, NO_DATA);
    const from = cluster.seen.log.length;
    await decide(cluster, namespace, { action: 'Retry' });
    await inState(cluster, namespace, 'analysing', { from });
    const promote = await decide(cluster, namespace, { action: 'Promote' });
    expect(await outcomeOf(cluster, namespace, promote)).toMatchObject({ outcome: 'Applied' });
    await inState(cluster, namespace, 'succeeded', { from });
  });

  test('who edits the routes by hand sees them put right', async () => {
    const namespace = 'edge-drift';
    await initialized(cluster, namespace);
    const patch = [
      { op: 'replace', path: '/spec/http/0/route/1/weight', value: 30 },
      { op: 'replace', path: '/spec/http/0/route/0/weight', value: 70 },
    ];
    await cluster.client.patch(VIRTUAL_SERVICE, { namespace, name: 'hello' }, patch, { strategy: 'json' });
    await until(cluster, async () => (await weightOf(cluster, namespace)) === 0, 'the routes as they were');
  });
});

describe.concurrent('an autoscaled target', { timeout: 120_000 }, () => {
  test('gets an autoscaler for its primary, and its canary starts with the minimum', async () => {
    const namespace = 'edge-autoscaler';
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'hello' };
    await createNamespace(cluster, namespace);
    await cluster.client.create(HORIZONTAL_POD_AUTOSCALER, {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'hello', namespace },
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 5 },
    });
    cluster.metrics.set(namespace, NO_DATA);
    await cluster.client.create(DEPLOYMENT, helloDeployment(namespace));
    const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'hello' };
    await cluster.client.create(CANARY, helloCanary(namespace, ONE_STAGE, { autoscalerRef }));
    await inState(cluster, namespace, 'initialized');
    await atRest(cluster, namespace);
    const made = await until(
      cluster,
      () => get(HORIZONTAL_POD_AUTOSCALER, namespace, 'hello-primary'),
      'the autoscaler',
    );
    expect(made.spec).toMatchObject({ scaleTargetRef: { name: 'hello-primary' }, maxReplicas: 5 });
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'analysing');
    expect((await deploymentOf(cluster, namespace))?.spec.replicas).toBe(1);
  });
});
