/** What goes wrong around a rollout: promotions that fail, configs that change, Canaries that are suspended, invalid or adopted. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANARY } from '../../src/canary/canary.schema.ts';
import type { Config, Deployment, Service } from '../../src/controller/workload.ts';
import { CONFIG_MAP, DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, SERVICE } from '../../src/kube/resource-types.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { VIRTUAL_SERVICE } from '../../src/mesh/istio-kinds.ts';
import { readSplit } from '../../src/mesh/render/read-split.ts';
import type { Sample } from '../../src/metrics/verdict.ts';
import {
  type Cluster,
  canaryOf,
  createNamespace,
  decide,
  helloCanary,
  helloDeployment,
  release,
  startCluster,
  until,
  untilCanary,
} from './cluster.ts';

const good: Sample = { kind: 'value', value: 100 };
const noData: Sample = { kind: 'noData', reason: 'no traffic' };
const ONE_STAGE = { stages: [{ name: 'all', weight: 50, duration: '1s' }] };

let cluster: Cluster;
/** Pods that match are never made ready. */
let isBroken: (namespace: string, pod: string) => boolean = () => false;

beforeAll(async () => {
  cluster = await startCluster((pod) => !isBroken(pod.metadata.namespace ?? '', pod.metadata.name));
});

afterAll(async () => {
  await cluster?.close();
});

async function given(
  namespace: string,
  deployment: KubeObject,
  more: Record<string, unknown> = {},
  analysis = ONE_STAGE,
): Promise<void> {
  isBroken = () => false;
  cluster.metrics.answer = () => good;
  await createNamespace(cluster, namespace);
  await cluster.client.create(DEPLOYMENT, deployment);
  await cluster.client.create(CANARY, helloCanary(namespace, analysis, more));
}

const inState = (namespace: string, state: string, from = 0) =>
  untilCanary(cluster, { namespace, what: `state ${state}`, from }, ({ status }) => status?.rollout?.state === state);
const get = <T extends KubeObject>(type: typeof DEPLOYMENT, namespace: string, name: string) =>
  cluster.client.get<T>(type, { namespace, name });
const weightOf = async (namespace: string) => {
  const found = await get(VIRTUAL_SERVICE, namespace, 'hello');
  return found === undefined ? undefined : readSplit(found)?.canaryWeight;
};

describe('a promotion that fails', () => {
  test('keeps the healthy side serving, puts the primary back and ends as failed', async () => {
    const namespace = 'edge-promotion';
    await given(namespace, helloDeployment(namespace), { progressDeadlineSeconds: 3 });
    await inState(namespace, 'initialized');
    const before = new Set(
      (await cluster.client.list({ ...DEPLOYMENT, group: '', plural: 'pods', kind: 'Pod' }, { namespace })).items.map(
        ({ metadata }) => metadata.name,
      ),
    );
    isBroken = (place, pod) => place === namespace && pod.startsWith('hello-primary') && !before.has(pod);
    await release(cluster, namespace, 'hello:2');
    const failed = await inState(namespace, 'restoringPrimary');
    expect(failed.status).toMatchObject({
      phase: 'Failed',
      rollout: { reason: expect.stringMatching(/^The primary did not become ready/) },
    });
    isBroken = () => false;
    await inState(namespace, 'rolledBack');
    const primary = await get<Deployment>(DEPLOYMENT, namespace, 'hello-primary');
    expect(primary?.spec.template.spec?.containers?.[0]).toMatchObject({ image: 'hello:1' });
    expect(await weightOf(namespace)).toBe(0);
  });
});

describe('a tracked ConfigMap', () => {
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
    isBroken = () => false;
    cluster.metrics.answer = () => noData;
    await createNamespace(cluster, namespace);
    await cluster.client.create(CONFIG_MAP, settings);
    await cluster.client.create(DEPLOYMENT, deployment);
    await cluster.client.create(CANARY, helloCanary(namespace, ONE_STAGE));
    await inState(namespace, 'initialized');
    const primary = await get<Deployment>(DEPLOYMENT, namespace, 'hello-primary');
    expect(primary?.spec.template.spec?.containers?.[0]?.envFrom).toEqual([
      { configMapRef: { name: 'settings-primary' } },
    ]);
    await cluster.client.patch(
      CONFIG_MAP,
      { namespace, name: 'settings' },
      { data: { mode: 'b' } },
      { strategy: 'merge' },
    );
    await inState(namespace, 'analysing');
    expect((await get<Config>(CONFIG_MAP, namespace, 'settings-primary'))?.data).toEqual({ mode: 'a' });
    cluster.metrics.answer = () => good;
    await inState(namespace, 'succeeded');
    expect((await get<Config>(CONFIG_MAP, namespace, 'settings-primary'))?.data).toEqual({ mode: 'b' });
  });
});

describe('a suspended Canary', () => {
  test('stays where it is, and goes on when it is not suspended any more', async () => {
    const namespace = 'edge-suspend';
    await given(namespace, helloDeployment(namespace));
    await inState(namespace, 'initialized');
    cluster.metrics.answer = () => noData;
    await release(cluster, namespace, 'hello:2');
    await inState(namespace, 'analysing');
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
    cluster.metrics.answer = () => good;
    await cluster.client.patch(
      CANARY,
      { namespace, name: 'hello' },
      { spec: { suspend: false } },
      { strategy: 'merge' },
    );
    await inState(namespace, 'succeeded');
  });
});

describe('an invalid Canary', () => {
  test('is refused with every issue, and accepted once it is corrected', async () => {
    const namespace = 'edge-invalid';
    await given(namespace, helloDeployment(namespace), {}, { stages: [{ name: 'a', weight: 5.5, duration: '1s' }] });
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
    const accepted = await inState(namespace, 'initialized');
    expect(accepted.status?.conditions?.map(({ type }) => type)).toEqual(['Promoted']);
  });
});

describe('a Service that was there before', () => {
  test('is adopted only when the primary is ready, and given back on deletion', async () => {
    const namespace = 'edge-adopt';
    isBroken = (place, pod) => place === namespace && pod.startsWith('hello-primary');
    cluster.metrics.answer = () => good;
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
    expect((await get<Deployment>(DEPLOYMENT, namespace, 'hello'))?.spec.replicas).toBe(2);
    isBroken = () => false;
    cluster.lookAgain();
    await inState(namespace, 'initialized');
    expect((await get<Service>(SERVICE, namespace, 'hello'))?.spec.selector).toEqual({ app: 'hello-primary' });
    await cluster.client.delete(CANARY, { namespace, name: 'hello' });
    await until(cluster, async () => (await canaryOf(cluster, namespace)) === undefined, 'the Canary gone');
    expect((await get<Service>(SERVICE, namespace, 'hello'))?.spec.selector).toEqual({ app: 'hello' });
  });
});

describe('a strategy of Flagger', () => {
  const match = [{ headers: { 'x-canary': { exact: 'insider' } } }];
  const strategies: Record<string, Record<string, unknown>> = {
    stepWeight: { stepWeight: 50, maxWeight: 50 },
    stepWeights: { stepWeights: [5, 50] },
    'A/B testing': { iterations: 2, match },
    'blue/green': { iterations: 2 },
  };
  test.each(Object.entries(strategies))('%s promotes a good revision', async (name, analysis) => {
    const namespace = `edge-${name.toLowerCase().replaceAll(/[^a-z]/g, '')}`;
    await given(namespace, helloDeployment(namespace), {}, analysis as typeof ONE_STAGE);
    await inState(namespace, 'initialized');
    await release(cluster, namespace, 'hello:2');
    await inState(namespace, 'succeeded');
    expect(
      (await get<Deployment>(DEPLOYMENT, namespace, 'hello-primary'))?.spec.template.spec?.containers?.[0],
    ).toMatchObject({ image: 'hello:2' });
  });

  test('skipAnalysis promotes without stages', async () => {
    const namespace = 'edge-skip';
    await given(namespace, helloDeployment(namespace), { skipAnalysis: true });
    await inState(namespace, 'initialized');
    await release(cluster, namespace, 'hello:2');
    const done = await inState(namespace, 'succeeded');
    expect(done.status?.rollout?.history[0]?.stages).toEqual([]);
  });
});

describe('a person', () => {
  test('retries a release that was rolled back, and promotes it by hand', async () => {
    const namespace = 'edge-retry';
    await given(namespace, helloDeployment(namespace));
    await inState(namespace, 'initialized');
    cluster.metrics.answer = () => ({ kind: 'value', value: 1 });
    await release(cluster, namespace, 'hello:2');
    await inState(namespace, 'rolledBack');
    cluster.metrics.answer = () => noData;
    const from = cluster.seen.log.length;
    await decide(cluster, namespace, { action: 'Retry' });
    await inState(namespace, 'analysing', from);
    await decide(cluster, namespace, { action: 'Promote' });
    await inState(namespace, 'succeeded', from);
  });

  test('who edits the routes by hand sees them put right', async () => {
    const namespace = 'edge-drift';
    await given(namespace, helloDeployment(namespace));
    await inState(namespace, 'initialized');
    const patch = [
      { op: 'replace', path: '/spec/http/0/route/1/weight', value: 30 },
      { op: 'replace', path: '/spec/http/0/route/0/weight', value: 70 },
    ];
    await cluster.client.patch(VIRTUAL_SERVICE, { namespace, name: 'hello' }, patch, { strategy: 'json' });
    await until(cluster, async () => (await weightOf(namespace)) === 0, 'the routes as they were');
  });
});

describe('an autoscaled target', () => {
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
    isBroken = () => false;
    cluster.metrics.answer = () => noData;
    await cluster.client.create(DEPLOYMENT, helloDeployment(namespace));
    const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'hello' };
    await cluster.client.create(CANARY, helloCanary(namespace, ONE_STAGE, { autoscalerRef }));
    await inState(namespace, 'initialized');
    await until(
      cluster,
      async () => (await get<Deployment>(DEPLOYMENT, namespace, 'hello'))?.spec.replicas === 0,
      'rest',
    );
    const made = await until(
      cluster,
      () => get(HORIZONTAL_POD_AUTOSCALER, namespace, 'hello-primary'),
      'the autoscaler',
    );
    expect(made.spec).toMatchObject({ scaleTargetRef: { name: 'hello-primary' }, maxReplicas: 5 });
    await release(cluster, namespace, 'hello:2');
    await inState(namespace, 'analysing');
    expect((await get<Deployment>(DEPLOYMENT, namespace, 'hello'))?.spec.replicas).toBe(1);
  });
});
