/** The Deployment and the Canary that all scenarios are about, and what scenarios ask and do; each in a namespace of its own. */

import { CANARY, type Canary } from '../../src/canary/canary.schema.ts';
import { ROLLOUT_ACTION, type RolloutAction, type RolloutActionSpec } from '../../src/canary/rollout-action.schema.ts';
import type { Deployment } from '../../src/controller/workload.ts';
import { DEPLOYMENT } from '../../src/kube/resource-types.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { VIRTUAL_SERVICE } from '../../src/mesh/istio-kinds.ts';
import { readSplit } from '../../src/mesh/render/read-split.ts';
import { type Cluster, createNamespace, until, untilCanary } from './cluster.ts';

export const ONE_STAGE = { stages: [{ name: 'all', weight: 50, duration: '1s' }] };
export const TWO_STAGES = {
  stages: [
    { name: 'smoke', weight: 10, duration: '1s' },
    { name: 'half', weight: 50, duration: '1s' },
  ],
};

type Given = {
  deployment?: KubeObject;
  analysis?: Record<string, unknown>;
  /** Further fields of the Canary's spec. */
  more?: Record<string, unknown>;
};

export async function given(
  { client }: Cluster,
  namespace: string,
  { deployment = helloDeployment(namespace), analysis = ONE_STAGE, more = {} }: Given = {},
): Promise<void> {
  await createNamespace({ client }, namespace);
  await client.create(DEPLOYMENT, deployment);
  await client.create(CANARY, helloCanary(namespace, analysis, more));
}

export async function initialized(cluster: Cluster, namespace: string, input: Given = {}): Promise<void> {
  await given(cluster, namespace, input);
  await inState(cluster, namespace, 'initialized');
}

/** The first status in that state since `from`, a position in `seen.log`. */
export function inState(
  cluster: Cluster,
  namespace: string,
  state: string,
  { stage, from = 0 }: { stage?: string; from?: number } = {},
): Promise<Canary> {
  return untilCanary(cluster, { namespace, what: `state ${state}`, from }, ({ status }) => {
    return status?.rollout?.state === state && (stage === undefined || status.rollout.stageName === stage);
  });
}

export function inPhase(cluster: Cluster, namespace: string, phase: string): Promise<Canary> {
  return untilCanary(cluster, { namespace, what: `phase ${phase}` }, ({ status }) => status?.phase === phase);
}

export function deploymentOf(
  { client }: Pick<Cluster, 'client'>,
  namespace: string,
  name = 'hello',
): Promise<Deployment | undefined> {
  return client.get<Deployment>(DEPLOYMENT, { namespace, name });
}

/** At rest the target has no pods. */
export function atRest(cluster: Cluster, namespace: string): Promise<boolean> {
  const check = async () => (await deploymentOf(cluster, namespace))?.spec.replicas === 0;
  return until(cluster, check, 'the target at rest');
}

export async function imageOf(cluster: Cluster, namespace: string, name: string): Promise<string | undefined> {
  const found = await deploymentOf(cluster, namespace, name);
  return (found?.spec.template.spec?.containers?.[0] as { image?: string } | undefined)?.image;
}

export async function weightOf({ client }: Cluster, namespace: string): Promise<number | undefined> {
  const found = await client.get<KubeObject>(VIRTUAL_SERVICE, { namespace, name: 'hello' });
  return found === undefined ? undefined : readSplit(found)?.canaryWeight;
}

export async function outcomeOf(cluster: Cluster, namespace: string, name: string) {
  return until(
    cluster,
    async () => {
      const action = await cluster.client.get<RolloutAction>(ROLLOUT_ACTION, { namespace, name });
      return action?.status?.outcome === undefined ? undefined : action.status;
    },
    `an outcome of ${name}`,
  );
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
