/** Rollouts against the embedded API server with the real Deployment controllers: every arrow but processes and proxy is real. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANARY } from '../../src/canary/canary.schema.ts';
import type { Service } from '../../src/controller/workload.ts';
import { EVENT, SERVICE } from '../../src/kube/resource-types.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { VIRTUAL_SERVICE } from '../../src/mesh/istio-kinds.ts';
import { type Cluster, GOOD, NO_DATA, startCluster, until, untilCanary } from './cluster.ts';
import {
  atRest,
  canaryOf,
  decide,
  deploymentOf,
  helloCanary,
  imageOf,
  initialized as initializedHello,
  inPhase,
  inState,
  outcomeOf,
  release,
  TWO_STAGES,
  weightOf,
} from './hello.ts';

let cluster: Cluster;
let lastNamespace = 0;

beforeAll(async () => {
  cluster = await startCluster();
});

afterAll(async () => {
  await cluster?.close();
});

async function initialized(
  analysis: Record<string, unknown> = TWO_STAGES,
  more: Record<string, unknown> = {},
): Promise<string> {
  lastNamespace++;
  const namespace = `rollout-${lastNamespace}`;
  await initializedHello(cluster, namespace, { analysis, more });
  return namespace;
}

describe.concurrent('a Canary', { timeout: 120_000 }, () => {
  test('takes a Deployment over without ever leaving it without pods', async () => {
    const namespace = await initialized();
    await atRest(cluster, namespace);
    const primary = await deploymentOf(cluster, namespace, 'hello-primary');
    expect(primary?.status?.readyReplicas).toBe(2);
    expect(primary?.spec.selector.matchLabels).toEqual({ app: 'hello-primary' });
    const services = (await cluster.client.list<Service>(SERVICE, { namespace })).items;
    expect(Object.fromEntries(services.map(({ metadata, spec }) => [metadata.name, spec.selector]))).toEqual({
      hello: { app: 'hello-primary' },
      'hello-primary': { app: 'hello-primary' },
      'hello-canary': { app: 'hello' },
    });
    expect(await weightOf(cluster, namespace)).toBe(0);
  });

  test('promotes a good revision stage by stage, and then rests', async () => {
    const namespace = await initialized();
    await release(cluster, namespace, 'hello:2');
    expect((await inState(cluster, namespace, 'analysing', { stage: 'smoke' })).status?.canaryWeight).toBe(10);
    expect((await inState(cluster, namespace, 'analysing', { stage: 'half' })).status?.canaryWeight).toBe(50);
    const done = await inPhase(cluster, namespace, 'Succeeded');
    expect(done.status?.conditions).toMatchObject([{ type: 'Promoted', status: 'True', reason: 'Succeeded' }]);
    expect(done.status?.rollout?.history[0]).toMatchObject({
      outcome: 'promoted',
      stages: [{ name: 'smoke' }, { name: 'half' }],
    });
    expect(await imageOf(cluster, namespace, 'hello-primary')).toBe('hello:2');
    await atRest(cluster, namespace);
    expect(await weightOf(cluster, namespace)).toBe(0);
  });

  test('takes a bad revision back at the threshold, and says which metric, value, bound and stage', async () => {
    const namespace = await initialized();
    cluster.metrics.set(namespace, { kind: 'value', value: 85.2 });
    await release(cluster, namespace, 'hello:2');
    const failed = await untilCanary(
      cluster,
      { namespace, what: 'rolled back' },
      ({ status }) => status?.rollout?.state === 'rolledBack',
    );
    expect(failed.status).toMatchObject({ phase: 'Failed', canaryWeight: 0, failedChecks: 2 });
    expect(failed.status?.conditions?.[0]?.message).toBe(
      'Failed check 2 of 2 in stage smoke: request-success-rate 85.2 % is below 99 %',
    );
    expect(await imageOf(cluster, namespace, 'hello-primary')).toBe('hello:1');
    await atRest(cluster, namespace);
    const told = async () => {
      const events = await cluster.client.list<KubeObject & { type: string; message: string }>(EVENT, { namespace });
      return events.items.some(({ type, message }) => type === 'Warning' && message.startsWith('Rolling back hello'));
    };
    await until(cluster, told, 'the Event of the rollback');
  });

  test('holds without data instead of failing', async () => {
    const namespace = await initialized();
    cluster.metrics.set(namespace, NO_DATA);
    await release(cluster, namespace, 'hello:2');
    const waiting = await untilCanary(
      cluster,
      { namespace, what: 'held' },
      ({ status }) => (status?.rollout?.inconclusive ?? 0) >= 2,
    );
    expect(waiting.status).toMatchObject({ phase: 'Progressing', failedChecks: 0 });
    expect(waiting.status?.rollout?.waitingFor).toMatchObject({ kind: 'metric', metric: 'request-success-rate' });
    cluster.metrics.set(namespace, GOOD);
    await inPhase(cluster, namespace, 'Succeeded');
  });

  test('waits for approval of a stage, and hears neither early nor late ones', async () => {
    const stages = [
      { name: 'staff', weight: 10, duration: '1s', approval: 'required' },
      { name: 'half', weight: 50, duration: '1s' },
    ];
    const namespace = await initialized({ stages });
    cluster.metrics.set(namespace, NO_DATA);
    await release(cluster, namespace, 'hello:2');
    const early = await inState(cluster, namespace, 'analysing', { stage: 'staff' });
    expect(await outcomeOf(cluster, namespace, await decide(cluster, namespace, { gate: 'staff' }))).toMatchObject({
      outcome: 'Ignored',
    });
    cluster.metrics.set(namespace, GOOD);
    const waiting = await inState(cluster, namespace, 'awaitingApproval');
    expect(waiting.status).toMatchObject({
      phase: 'Progressing',
      rollout: { waitingFor: { kind: 'gate', gate: 'staff' } },
    });
    const old = await decide(cluster, namespace, { revision: 'aaaa' });
    expect(await outcomeOf(cluster, namespace, old)).toMatchObject({ outcome: 'Ignored' });
    const revision = early.status?.rollout?.revision ?? '';
    expect(await outcomeOf(cluster, namespace, await decide(cluster, namespace, { revision }))).toMatchObject({
      outcome: 'Applied',
    });
    const done = await inPhase(cluster, namespace, 'Succeeded');
    expect(done.status?.rollout?.history[0]?.approvals).toMatchObject([{ gate: 'staff', by: 'ada' }]);
  });

  test('is aborted in the middle of a stage', async () => {
    const namespace = await initialized();
    cluster.metrics.set(namespace, NO_DATA);
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'analysing', { stage: 'smoke' });
    const name = await decide(cluster, namespace, { action: 'Abort', reason: 'wrong day' });
    expect(await outcomeOf(cluster, namespace, name)).toMatchObject({ outcome: 'Applied' });
    const ended = await inState(cluster, namespace, 'rolledBack');
    expect(ended.status?.rollout?.history[0]).toMatchObject({
      outcome: 'aborted',
      reason: 'Aborted by ada: wrong day',
    });
  });

  test('starts again when the target changes in the middle, and promotes only what it analysed last', async () => {
    const namespace = await initialized();
    cluster.metrics.set(namespace, NO_DATA);
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'analysing', { stage: 'smoke' });
    const from = cluster.seen.log.length;
    await release(cluster, namespace, 'hello:3');
    const again = await inState(cluster, namespace, 'startingCanary', { from });
    expect(again.status?.canaryWeight).toBe(0);
    cluster.metrics.set(namespace, GOOD);
    const done = await inPhase(cluster, namespace, 'Succeeded');
    expect(done.status?.rollout?.history.map(({ outcome }) => outcome)).toEqual(['promoted', 'superseded']);
    expect(await imageOf(cluster, namespace, 'hello-primary')).toBe('hello:3');
  });

  test('ends the run at once when the target returns to the promoted revision', async () => {
    const namespace = await initialized();
    cluster.metrics.set(namespace, NO_DATA);
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'analysing');
    await release(cluster, namespace, 'hello:1');
    const ended = await inState(cluster, namespace, 'rolledBack');
    expect(ended.status).toMatchObject({ phase: 'Succeeded', rollout: { history: [{ outcome: 'reverted' }] } });
  });

  test('goes on where it was after the controller was killed', async () => {
    const namespace = await initialized();
    cluster.metrics.set(namespace, { kind: 'value', value: 50 });
    await release(cluster, namespace, 'hello:2');
    await untilCanary(cluster, { namespace, what: 'one failure' }, ({ status }) => status?.failedChecks === 1);
    await cluster.restartController();
    const failed = await inState(cluster, namespace, 'rolledBack');
    expect(failed.status?.failedChecks).toBe(2);
  });

  test('is taken back when the canary never becomes ready', async () => {
    const namespace = await initialized(TWO_STAGES, { progressDeadlineSeconds: 2 });
    await release(cluster, namespace, 'hello:broken');
    const failed = await inState(cluster, namespace, 'rolledBack');
    expect(failed.status?.conditions?.[0]?.message).toMatch(/^The canary did not become ready in time/);
    expect((await deploymentOf(cluster, namespace, 'hello-primary'))?.status?.readyReplicas).toBe(2);
  });

  test('hands the traffic back to the target before it is gone', async () => {
    const namespace = await initialized();
    cluster.metrics.set(namespace, NO_DATA);
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'analysing', { stage: 'smoke' });
    await cluster.client.delete(CANARY, { namespace, name: 'hello' });
    await until(cluster, async () => (await canaryOf(cluster, namespace)) === undefined, 'the Canary gone');
    expect((await deploymentOf(cluster, namespace))?.status?.readyReplicas).toBe(2);
    const apex = await cluster.client.get<Service>(SERVICE, { namespace, name: 'hello' });
    expect(apex?.spec.selector).toEqual({ app: 'hello' });
    expect(apex?.metadata.ownerReferences ?? []).toEqual([]);
    expect(await cluster.client.get(VIRTUAL_SERVICE, { namespace, name: 'hello' })).toBeUndefined();
    await until(
      cluster,
      async () => (await deploymentOf(cluster, namespace, 'hello-primary')) === undefined,
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
