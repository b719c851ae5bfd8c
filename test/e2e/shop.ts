/** One service under test with its Canary, in a namespace of its own: what scenarios do to it, and what they wait for. */

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { CANARY, type Canary } from '../../src/canary/canary.schema.ts';
import { ROLLOUT_ACTION, type RolloutAction, type RolloutActionSpec } from '../../src/canary/rollout-action.schema.ts';
import { type Balance, balance, readRouted, readServed } from '../../src/demo/ledger.ts';
import { type ClientOutcome, startTraffic, type Traffic } from '../../src/demo/traffic.ts';
import { applyObject } from '../../src/kube/apply.ts';
import { DEPLOYMENT, NAMESPACE } from '../../src/kube/resource-types.ts';
import { createWatchCache } from '../../src/kube/watch-cache.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { KubeObject, ResourceType } from '../../src/lib/resource.ts';
import { type RolloutView, rolloutView } from '../../src/view/rollout-view.ts';
import type { World } from '../support/world.ts';

/** Generous: it ends a hopeless wait, it never decides whether something was fast enough. */
const PATIENCE_MS = 240_000;
const REQUESTS_PER_SECOND = 100;

/** Every check looks back three seconds: enough for a rate of samples that are a second apart. */
export const QUICK_CHECKS = [{ name: 'request-success-rate', interval: '3s', thresholdRange: { min: 99 } }];

export type Analysis = Canary['spec']['analysis'];

export const QUICK_ANALYSIS: Analysis = {
  interval: '1s',
  threshold: 2,
  stages: [
    { name: 'few', weight: 20, duration: '3s' },
    { name: 'half', weight: 50, duration: '3s' },
  ],
  metrics: QUICK_CHECKS,
};

/** The same, with a gate at the end of the first stage. */
export const GATED_ANALYSIS: Analysis = {
  ...QUICK_ANALYSIS,
  stages: [
    { name: 'few', weight: 20, duration: '3s', approval: 'required' },
    { name: 'half', weight: 50, duration: '3s' },
  ],
};

/** The same, but the stage lasts: no rollout ends while somebody types a command. */
export function lastingIn(stage: string, { stages = [], ...rest }: Analysis): Analysis {
  const lasting = { duration: '10m' };
  return { ...rest, stages: stages.map((one) => (one.name === stage ? { ...one, ...lasting } : one)) };
}

export type ShopOptions = {
  analysis?: Analysis;
  progressDeadlineSeconds?: number;
  env?: Record<string, string>;
  requestsPerSecond?: number;
};

export class Shop {
  readonly world: World;
  readonly namespace: string;
  readonly name = 'shop';
  readonly outcomes: ClientOutcome[] = [];
  #traffic: Traffic | undefined;

  constructor(world: World) {
    this.world = world;
    this.namespace = `shop-${randomUUID().slice(0, 8)}`;
  }

  /** Deploys version v1 with its Canary, waits until the primary serves, and starts traffic. */
  static async open(world: World, options: ShopOptions = {}): Promise<Shop> {
    const shop = new Shop(world);
    await shop.deploy(options);
    await shop.until('the primary serves', ({ phase }) => phase === 'Initialized');
    shop.startTraffic(options.requestsPerSecond);
    return shop;
  }

  get host(): string {
    return `${this.name}.${this.namespace}.localhost`;
  }

  async deploy(options: ShopOptions): Promise<void> {
    const [namespace, deployment, canary] = this.manifests(options);
    await this.apply(NAMESPACE, namespace);
    await this.apply(DEPLOYMENT, deployment);
    await this.apply(CANARY, canary);
  }

  /** What a user would write: a namespace, version v1, and how it is to be released. */
  manifests({
    analysis = QUICK_ANALYSIS,
    progressDeadlineSeconds = 600,
    env = {},
  }: ShopOptions): [namespace: KubeObject, deployment: KubeObject, canary: KubeObject] {
    const { name, namespace } = this;
    const canary = {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      metadata: { name, namespace },
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        progressDeadlineSeconds,
        service: { port: 80, targetPort: 'http' },
        analysis,
      },
    };
    return [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      deploymentOf(name, namespace, { VERSION: 'v1', ...env }),
      canary,
    ];
  }

  apply(type: ResourceType, object: KubeObject): Promise<KubeObject> {
    return applyObject(this.world.client, type, object, { fieldManager: 'scenario', force: true });
  }

  /** What `kubectl set env` does: a new revision. */
  async release(env: Record<string, string>): Promise<void> {
    const entries = Object.entries(env).map(([name, value]) => ({ name, value }));
    const patch = { spec: { template: { spec: { containers: [{ name: this.name, env: entries }] } } } };
    const ref = { namespace: this.namespace, name: this.name };
    await this.world.client.patch(DEPLOYMENT, ref, patch, { strategy: 'strategic', fieldManager: 'scenario' });
  }

  /** The command line, against this shop's Canary. */
  sluice(command: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
    return this.world.sluice(command, this.name, '-n', this.namespace, ...args);
  }

  /** A RolloutAction as anybody may write it, also a wrong one; resolves with what the controller made of it. */
  async act(
    spec: Partial<RolloutActionSpec> & Pick<RolloutActionSpec, 'action' | 'revision'>,
  ): Promise<RolloutAction['status']> {
    const { namespace, world } = this;
    const created = await world.client.create<RolloutAction>(ROLLOUT_ACTION, {
      apiVersion: 'sluice.dev/v1alpha1',
      kind: 'RolloutAction',
      metadata: { name: '', generateName: 'scenario-', namespace },
      spec: { canary: this.name, by: 'scenario', ...spec },
    });
    const { name } = created.metadata;
    const done = await this.#watch(ROLLOUT_ACTION, name, `an outcome of ${spec.action}`, (action: RolloutAction) =>
      action.status?.outcome !== undefined ? action : undefined,
    );
    return done.status;
  }

  /** Waits for a state of the rollout; a wait that is hopeless ends with what was seen last. */
  until(what: string, holds: (view: RolloutView) => boolean): Promise<RolloutView> {
    return this.#watch<Canary, RolloutView>(CANARY, this.name, what, (canary) => {
      const view = rolloutView(canary);
      return holds(view) ? view : undefined;
    });
  }

  /** Waits until a release, other than the promoted one, is in the state. */
  untilReleasing(what: string, holds: (view: RolloutView) => boolean): Promise<RolloutView> {
    return this.until(what, (view) => view.revision !== view.promotedRevision && holds(view));
  }

  async view(): Promise<RolloutView> {
    return this.until('a Canary', () => true);
  }

  startTraffic(requestsPerSecond = REQUESTS_PER_SECOND): void {
    this.#traffic = startTraffic({
      origin: this.world.ready.httpUrl,
      host: this.host,
      requestsPerSecond,
      internalEvery: 10,
      newId: randomUUID,
      clock: systemClock,
      onOutcome: (outcome) => this.outcomes.push(outcome),
    });
  }

  /** Resolves when a request that is sent from now on was answered by the version. */
  async answeredBy(version: string): Promise<void> {
    const from = this.outcomes.length;
    const until = systemClock.monotonicMs() + PATIENCE_MS;
    while (!this.outcomes.slice(from).some((outcome) => outcome.version === version)) {
      if (systemClock.monotonicMs() > until) throw new Error(`Nothing was answered by ${version}`);
      await new Promise((resolve) => setImmediate(resolve));
      await this.ask();
    }
  }

  /** One request of its own. */
  async ask(headers: Record<string, string> = {}): Promise<{ status: number; version: string | null }> {
    const { request } = await import('undici');
    const answer = await request(this.world.ready.httpUrl, {
      headers: { host: this.host, 'x-request-id': `probe-${randomUUID()}`, ...headers },
    });
    await answer.body.dump();
    const version = answer.headers['x-version'];
    return { status: answer.statusCode, version: typeof version === 'string' ? version : null };
  }

  /** Stops the traffic and counts what became of it. */
  async close(): Promise<Balance> {
    await this.#traffic?.stop();
    this.#traffic = undefined;
    const { accessLogPath, ledgerFolder } = this.world;
    const routed = existsSync(accessLogPath) ? readRouted(accessLogPath) : [];
    const mine = new Set(this.outcomes.map(({ id }) => id));
    const isMine = ({ id }: { id: string }): boolean => mine.has(id);
    return balance(this.outcomes, routed.filter(isMine), readServed(ledgerFolder).filter(isMine));
  }

  async #watch<T extends KubeObject, R = T>(
    type: ResourceType,
    name: string,
    what: string,
    look: (object: T) => R | undefined,
  ): Promise<R> {
    const cache = createWatchCache<T>(this.world.client, type, {
      namespace: this.namespace,
      fieldSelector: `metadata.name=${name}`,
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
    });
    try {
      return await new Promise<R>((resolve, reject) => {
        let last: T | undefined;
        const timer = setTimeout(
          () => reject(new Error(`Waited in vain for ${what}; seen last: ${JSON.stringify(last?.status, null, 1)}`)),
          PATIENCE_MS,
        );
        cache.onChange((change) => {
          if (change.type === 'deleted') return;
          last = change.object;
          const found = look(change.object);
          if (found === undefined) return;
          clearTimeout(timer);
          resolve(found);
        });
      });
    } finally {
      cache.close();
    }
  }
}

function deploymentOf(name: string, namespace: string, env: Record<string, string>): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 5,
          containers: [
            {
              name,
              image: 'sluice.dev/examples/hello',
              command: ['node', 'examples/getting-started/server.mjs'],
              env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  };
}
