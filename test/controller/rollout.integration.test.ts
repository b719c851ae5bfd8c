/** Rollouts against the embedded API server with the real Deployment controllers: every arrow but processes and proxy is real. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANARY } from '../../src/canary/canary.schema.ts';
import { ROLLOUT_ACTION, type RolloutAction } from '../../src/canary/rollout-action.schema.ts';
import type { Deployment, Service } from '../../src/controller/workload.ts';
import { DEPLOYMENT, EVENT, SERVICE } from '../../src/kube/resource-types.ts';
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

let cluster: Cluster;
let lastNamespace = 0;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(async () => {
  await cluster?.close();
});

const TWO_STAGES = {
  stages: [
    { name: 'smoke', weight: 10, duration: '1s' },
    { name: 'half', weight: 50, duration: '1s' },
  ],
};

async function initialized(
  analysis: Record<string, unknown> = TWO_STAGES,
  more: Record<string, unknown> = {},
): Promise<string> {
  lastNamespace++;
  const namespace = `rollout-${lastNamespace}`;
  good();
  await createNamespace(cluster, namespace);
  await cluster.client.create(DEPLOYMENT, helloDeployment(namespace));
  await cluster.client.create(CANARY, helloCanary(namespace, analysis, more));
  await inPhase(namespace, 'Initialized');
  return namespace;
}

/** Without data a rollout stays where it is. */
function held(): void {
  answering(() => ({ kind: 'noData', reason: 'no traffic' }));
}

function good(): void {
  answering(() => ({ kind: 'value', value: 100 }));
}

function answering(answer: () => Sample): void {
  cluster.metrics.answer = answer;
}

const inPhase = (namespace: string, phase: string) =>
  untilCanary(cluster, { namespace, what: `phase ${phase}` }, ({ status }) => status?.phase === phase);
const inState = (namespace: string, state: string, stage?: string, from = 0) =>
  untilCanary(cluster, { namespace, what: `state ${state}`, from }, ({ status }) => {
    return status?.rollout?.state === state && (stage === undefined || status.rollout.stageName === stage);
  });
const deployment = (namespace: string, name: string) => cluster.client.get<Deployment>(DEPLOYMENT, { namespace, name });
const virtualService = (namespace: string) =>
  cluster.client.get<KubeObject>(VIRTUAL_SERVICE, { namespace, name: 'hello' });
const imageOf = (found: Deployment | undefined) =>
  (found?.spec.template.spec?.containers?.[0] as { image?: string } | undefined)?.image;

async function weightOf(namespace: string): Promise<number | undefined> {
  const found = await virtualService(namespace);
  return found === undefined ? undefined : readSplit(found)?.canaryWeight;
}

async function outcomeOf(namespace: string, name: string) {
  return until(
    cluster,
    async () => {
      const action = await cluster.client.get<RolloutAction>(ROLLOUT_ACTION, { namespace, name });
      return action?.status?.outcome === undefined ? undefined : action.status;
    },
    `an outcome of ${name}`,
  );
}

describe('a Canary', () => {
  test('takes a Deployment over without ever leaving it without pods', async () => {
    const namespace = await initialized();
    await until(cluster, async () => (await deployment(namespace, 'hello'))?.spec.replicas === 0, 'the target at rest');
    const primary = await deployment(namespace, 'hello-primary');
    expect(primary?.status?.readyReplicas).toBe(2);
    expect(primary?.spec.selector.matchLabels).toEqual({ app: 'hello-primary' });
    const services = (await cluster.client.list<Service>(SERVICE, { namespace })).items;
    expect(Object.fromEntries(services.map(({ metadata, spec }) => [metadata.name, spec.selector]))).toEqual({
      hello: { app: 'hello-primary' },
      'hello-primary': { app: 'hello-primary' },
      'hello-canary': { app: 'hello' },
    });
    expect(await weightOf(namespace)).toBe(0);
  });

  test('promotes a good revision stage by stage, and then rests', async () => {
    const namespace = await initialized();
    await release(cluster, namespace, 'hello:2');
    expect((await inState(namespace, 'analysing', 'smoke')).status?.canaryWeight).toBe(10);
    expect((await inState(namespace, 'analysing', 'half')).status?.canaryWeight).toBe(50);
    const done = await inPhase(namespace, 'Succeeded');
    expect(done.status?.conditions).toMatchObject([{ type: 'Promoted', status: 'True', reason: 'Succeeded' }]);
    expect(done.status?.rollout?.history[0]).toMatchObject({
      outcome: 'promoted',
      stages: [{ name: 'smoke' }, { name: 'half' }],
    });
    expect(imageOf(await deployment(namespace, 'hello-primary'))).toBe('hello:2');
    await until(cluster, async () => (await deployment(namespace, 'hello'))?.spec.replicas === 0, 'the target at rest');
    expect(await weightOf(namespace)).toBe(0);
  });

  test('takes a bad revision back at the threshold, and says which metric, value, bound and stage', async () => {
    const namespace = await initialized();
    answering(() => ({ kind: 'value', value: 85.2 }));
    await release(cluster, namespace, 'hello:2');
    const failed = await untilCanary(
      cluster,
      { namespace, what: 'rolled back' },
      ({ status }) => status?.rollout?.state === 'rolledBack',
    );
    expect(failed.status).toMatchObject({ phase: 'Failed', canaryWeight: 0, failedChecks: 2 });
    expect(failed.status?.conditions?.[0]?.message).toBe(
      'Failed check 2 of 2 in stage smoke: request-success-rate is 85.2, below 99',
    );
    expect(imageOf(await deployment(namespace, 'hello-primary'))).toBe('hello:1');
    await until(cluster, async () => (await deployment(namespace, 'hello'))?.spec.replicas === 0, 'the target at rest');
    const events = (await cluster.client.list<KubeObject & { type: string; message: string }>(EVENT, { namespace }))
      .items;
    const warnings = events.filter(({ type }) => type === 'Warning').map(({ message }) => message);
    expect(warnings.some((message) => message.startsWith('Rolling back hello'))).toBe(true);
  });

  test('holds without data instead of failing', async () => {
    const namespace = await initialized();
    held();
    await release(cluster, namespace, 'hello:2');
    const waiting = await untilCanary(
      cluster,
      { namespace, what: 'held' },
      ({ status }) => (status?.rollout?.inconclusive ?? 0) >= 2,
    );
    expect(waiting.status).toMatchObject({ phase: 'Progressing', failedChecks: 0 });
    expect(waiting.status?.rollout?.waitingFor).toMatchObject({ kind: 'metric', metric: 'request-success-rate' });
    good();
    await inPhase(namespace, 'Succeeded');
  });

  test('waits for approval of a stage, and hears neither early nor late ones', async () => {
    const stages = [
      { name: 'staff', weight: 10, duration: '1s', approval: 'required' },
      { name: 'half', weight: 50, duration: '1s' },
    ];
    const namespace = await initialized({ stages });
    held();
    await release(cluster, namespace, 'hello:2');
    const early = await inState(namespace, 'analysing', 'staff');
    expect(await outcomeOf(namespace, await decide(cluster, namespace, { gate: 'staff' }))).toMatchObject({
      outcome: 'Ignored',
    });
    good();
    const waiting = await inState(namespace, 'awaitingApproval');
    expect(waiting.status).toMatchObject({
      phase: 'Progressing',
      rollout: { waitingFor: { kind: 'gate', gate: 'staff' } },
    });
    const old = await decide(cluster, namespace, { revision: 'aaaa' });
    expect(await outcomeOf(namespace, old)).toMatchObject({ outcome: 'Ignored' });
    const revision = early.status?.rollout?.revision ?? '';
    expect(await outcomeOf(namespace, await decide(cluster, namespace, { revision }))).toMatchObject({
      outcome: 'Applied',
    });
    const done = await inPhase(namespace, 'Succeeded');
    expect(done.status?.rollout?.history[0]?.approvals).toMatchObject([{ gate: 'staff', by: 'ada' }]);
  });

  test('is aborted in the middle of a stage', async () => {
    const namespace = await initialized();
    held();
    await release(cluster, namespace, 'hello:2');
    await inState(namespace, 'analysing', 'smoke');
    const name = await decide(cluster, namespace, { action: 'Abort', reason: 'wrong day' });
    expect(await outcomeOf(namespace, name)).toMatchObject({ outcome: 'Applied' });
    const ended = await inState(namespace, 'rolledBack');
    expect(ended.status?.rollout?.history[0]).toMatchObject({
      outcome: 'aborted',
      reason: 'Aborted by ada: wrong day',
    });
  });

  test('starts again when the target changes in the middle, and promotes only what it analysed last', async () => {
    const namespace = await initialized();
    held();
    await release(cluster, namespace, 'hello:2');
    await inState(namespace, 'analysing', 'smoke');
    const from = cluster.seen.log.length;
    await release(cluster, namespace, 'hello:3');
    const again = await inState(namespace, 'startingCanary', undefined, from);
    expect(again.status?.canaryWeight).toBe(0);
    good();
    const done = await inPhase(namespace, 'Succeeded');
    expect(done.status?.rollout?.history.map(({ outcome }) => outcome)).toEqual(['promoted', 'superseded']);
    expect(imageOf(await deployment(namespace, 'hello-primary'))).toBe('hello:3');
  });

  test('ends the run at once when the target returns to the promoted revision', async () => {
    const namespace = await initialized();
    held();
    await release(cluster, namespace, 'hello:2');
    await inState(namespace, 'analysing');
    await release(cluster, namespace, 'hello:1');
    const ended = await inState(namespace, 'rolledBack');
    expect(ended.status).toMatchObject({ phase: 'Succeeded', rollout: { history: [{ outcome: 'reverted' }] } });
  });

  test('goes on where it was after the controller was killed', async () => {
    const namespace = await initialized();
    answering(() => ({ kind: 'value', value: 50 }));
    await release(cluster, namespace, 'hello:2');
    await untilCanary(cluster, { namespace, what: 'one failure' }, ({ status }) => status?.failedChecks === 1);
    await cluster.restartController();
    const failed = await inState(namespace, 'rolledBack');
    expect(failed.status?.failedChecks).toBe(2);
  });

  test('is taken back when the canary never becomes ready', async () => {
    const namespace = await initialized(TWO_STAGES, { progressDeadlineSeconds: 2 });
    await release(cluster, namespace, 'hello:broken');
    const failed = await inState(namespace, 'rolledBack');
    expect(failed.status?.conditions?.[0]?.message).toMatch(/^The canary did not become ready in time/);
    expect((await deployment(namespace, 'hello-primary'))?.status?.readyReplicas).toBe(2);
  });

  test('hands the traffic back to the target before it is gone', async () => {
    const namespace = await initialized();
    held();
    await release(cluster, namespace, 'hello:2');
    await inState(namespace, 'analysing', 'smoke');
    await cluster.client.delete(CANARY, { namespace, name: 'hello' });
    await until(cluster, async () => (await canaryOf(cluster, namespace)) === undefined, 'the Canary gone');
    expect((await deployment(namespace, 'hello'))?.status?.readyReplicas).toBe(2);
    const apex = await cluster.client.get<Service>(SERVICE, { namespace, name: 'hello' });
    expect(apex?.spec.selector).toEqual({ app: 'hello' });
    expect(apex?.metadata.ownerReferences ?? []).toEqual([]);
    expect(await virtualService(namespace)).toBeUndefined();
    await until(
      cluster,
      async () => (await deployment(namespace, 'hello-primary')) === undefined,
      'the primary collected',
    );
  });

  test('refuses a second Canary on the same target, and says whose it is', async () => {
    const namespace = await initialized();
    const second = helloCanary(namespace, TWO_STAGES);
    await cluster.client.create(CANARY, { ...second, metadata: { ...second.metadata, name: 'other' } });
    const refused = await until(
      cluster,
      async () => {
        const found = await cluster.client.get<KubeObject & { status?: { conditions?: object[] } }>(CANARY, {
          namespace,
          name: 'other',
        });
        return found?.status?.conditions;
      },
      'a condition',
    );
    expect(refused).toMatchObject([{ type: 'Accepted', status: 'False', reason: 'TargetTaken' }]);
  });
});
