/**
 * A whole shell in virtual time: the real controller, an API server in memory, Deployments whose pods obey at once, a data plane
 * that acknowledges at once, a scripted metrics server. Nothing here waits, so a rollout of minutes takes milliseconds.
 */

import { CANARY, type Canary } from '../../../src/canary/canary.schema.ts';
import { ROLLOUT_ACTION, type RolloutActionSpec } from '../../../src/canary/rollout-action.schema.ts';
import { startController } from '../../../src/controller/start-controller.ts';
import type { Deployment } from '../../../src/controller/workload.ts';
import type { KubeClient } from '../../../src/kube/kube-client.ts';
import { DEPLOYMENT } from '../../../src/kube/resource-types.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { VIRTUAL_SERVICE } from '../../../src/mesh/istio-kinds.ts';
import { readSplit } from '../../../src/mesh/render/read-split.ts';
import type { Sample } from '../../../src/metrics/verdict.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { GOOD } from '../cluster.ts';
import { helloCanary, helloDeployment, TWO_STAGES } from '../hello.ts';
import { FakeApi } from './fake-api.ts';

export const NAMESPACE = 'sim';
const START = Date.UTC(2030, 0, 1);

export class Simulation {
  readonly clock = new FakeClock(START);
  readonly api = new FakeApi(this.clock);
  /** What the metrics server says from now on. */
  answer: Sample = GOOD;
  /** Deployments whose pods of a new template do not become ready, and lose readiness when it is their only one. */
  readonly broken = new Set<string>();
  acknowledges = true;
  asked = 0;
  readonly #served = new Map<string, string>();
  #controller: ReturnType<typeof startController> | undefined;

  static async start(analysis: Record<string, unknown> = TWO_STAGES): Promise<Simulation> {
    const simulation = new Simulation();
    simulation.api.put(DEPLOYMENT, helloDeployment(NAMESPACE));
    simulation.api.put(CANARY, helloCanary(NAMESPACE, analysis));
    return simulation;
  }

  /** Starts a controller; one that runs already dies first, and nothing in memory survives. */
  async run(client: KubeClient = this.api.client()): Promise<void> {
    await this.stop();
    this.#controller = startController({
      ...{ client, clock: this.clock, random: () => 0.5, logger: silentLogger, drainMs: 20 },
      metricsProvider: () => ({
        query: async () => {
          this.asked++;
          return this.answer;
        },
      }),
    });
    await this.settle();
  }

  async stop(): Promise<void> {
    await this.#controller?.close();
    this.#controller = undefined;
  }

  /** Everything that happens without time going on. */
  async settle(): Promise<void> {
    for (let before = -1; before !== this.api.version; ) {
      before = this.api.version;
      await settled();
      for (const deployment of this.api.all<Deployment>(DEPLOYMENT)) this.#runPods(deployment);
      if (this.acknowledges) for (const route of this.api.all(VIRTUAL_SERVICE)) this.#acknowledge(route);
      await settled();
    }
  }

  async tick(seconds: number): Promise<void> {
    for (let count = 0; count < seconds * 2; count++) {
      await this.clock.advance(500);
      await this.settle();
    }
  }

  get canary(): Canary {
    const found = this.api.read<Canary>(CANARY, { namespace: NAMESPACE, name: 'hello' });
    if (found === undefined) throw new Error('The Canary is gone');
    return found;
  }

  get state(): string {
    return this.canary.status?.rollout?.state ?? '';
  }

  deployment(name = 'hello'): Deployment | undefined {
    return this.api.read<Deployment>(DEPLOYMENT, { namespace: NAMESPACE, name });
  }

  image(name: string): string {
    return imageOf(this.deployment(name));
  }

  get weight(): number {
    const found = this.api.read(VIRTUAL_SERVICE, { namespace: NAMESPACE, name: 'hello' });
    return (found === undefined ? undefined : readSplit(found)?.canaryWeight) ?? 0;
  }

  release(image: string): void {
    const target = structuredClone(this.deployment());
    const container = target?.spec.template.spec?.containers?.[0] as { image?: string } | undefined;
    if (target === undefined || container === undefined) return;
    container.image = image;
    this.api.put(DEPLOYMENT, target);
  }

  decide(action: RolloutActionSpec['action'], revision = this.canary.status?.rollout?.revision ?? 'none'): void {
    this.api.put(ROLLOUT_ACTION, {
      apiVersion: 'sluice.dev/v1alpha1',
      kind: 'RolloutAction',
      metadata: { name: `hello-${this.api.version}`, namespace: NAMESPACE },
      spec: { canary: 'hello', revision, action, by: 'ada' },
    });
  }

  #runPods(deployment: Deployment): void {
    const { name, generation = 0 } = deployment.metadata;
    const replicas = deployment.spec.replicas ?? 1;
    const image = imageOf(deployment);
    const isBroken = this.broken.has(name);
    if (!isBroken) this.#served.set(name, image);
    // A rolling update keeps what served before until the new pods are ready.
    const keepsOld = isBroken && replicas > 0 && this.#served.get(name) !== image && this.#served.has(name);
    const counts = keepsOld
      ? { replicas: replicas + 1, updatedReplicas: 1, readyReplicas: replicas, availableReplicas: 0 }
      : {
          ...{ replicas, updatedReplicas: replicas },
          ...{ readyReplicas: isBroken ? 0 : replicas, availableReplicas: isBroken ? 0 : replicas },
        };
    this.api.put(DEPLOYMENT, { ...deployment, status: { observedGeneration: generation, ...counts } }, 'status');
  }

  #acknowledge(route: KubeObject): void {
    this.api.put(VIRTUAL_SERVICE, { ...route, status: { observedGeneration: route.metadata.generation } }, 'status');
  }
}

export function imageOf(deployment: Deployment | undefined): string {
  return (deployment?.spec.template.spec?.containers?.[0] as { image?: string } | undefined)?.image ?? '';
}
