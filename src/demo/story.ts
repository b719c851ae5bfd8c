/**
 * The getting-started story, told with real parts: a good version that a person lets through, and a bad one that is taken back,
 * under steady traffic that is counted request by request.
 */

import type { KubeClient } from '../kube/kube-client.ts';
import { DEPLOYMENT } from '../kube/resource-types.ts';
import { createWatchCache } from '../kube/watch-cache.ts';
import { type Clock, delay } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { ResourceType } from '../lib/resource.ts';
import { type RolloutView, rolloutView } from '../view/rollout-view.ts';
import { readRouted, readServed } from './ledger.ts';
import { type DemoReport, demoReport, type ReleaseRecord } from './report.ts';
import { RouteChanges, type SplitRoute } from './route-changes.ts';
import { type ClientOutcome, startTraffic, type Traffic } from './traffic.ts';

type CanaryObject = Parameters<typeof rolloutView>[0];

export type StoryOptions = {
  client: KubeClient;
  namespace: string;
  /** Name of Canary, Deployment and Service alike. */
  name: string;
  canaryType: ResourceType;
  virtualServiceType: ResourceType;
  httpUrl: string;
  accessLogPath: string;
  ledgerFolder: string;
  requestsPerSecond: number;
  newId: () => string;
  clock: Clock;
  random: () => number;
  logger: Logger;
  signal: AbortSignal;
  /** Called when somebody has to approve; resolves when that is done, or is left to the person. */
  approve: (gate: string) => Promise<void>;
  /** Told of every change of the rollout and of what was sent so far. */
  show: (view: RolloutView, outcomes: readonly ClientOutcome[]) => void;
  say: (line: string) => void;
};

/** A version to release: what the Deployment's container is told. */
type Version = { revision: string; env: Readonly<Record<string, string>> };

const VERSIONS: readonly Version[] = [
  { revision: 'v2', env: { VERSION: 'v2' } },
  { revision: 'v3', env: { VERSION: 'v3', FAIL_PERCENT: '15' } },
];

/** How each version has to end. */
export const EXPECTED_OUTCOMES: Readonly<Record<string, ReleaseRecord['outcome']>> = {
  v2: 'promoted',
  v3: 'rolledBack',
};

const INTERNAL_EVERY = 20;
/** Traffic on the primary alone, before and between the releases. */
const PAUSE_MS = 1_500;

/** Tells the whole story; rejects when the signal aborts it. */
export async function tellStory(options: StoryOptions): Promise<DemoReport> {
  const { client, namespace, name, clock, random, logger, signal, say } = options;
  const startedAt = clock.monotonicMs();
  const watching = { namespace, fieldSelector: `metadata.name=${name}`, clock, random, logger };
  const canaries = createWatchCache<CanaryObject>(client, options.canaryType, watching);
  const routes = createWatchCache<SplitRoute>(client, options.virtualServiceType, watching);
  const routeChanges = new RouteChanges(`${name}-canary`);
  routes.onChange(({ object }) => routeChanges.see(object));
  const outcomes: ClientOutcome[] = [];
  const follow = createFollower(canaries, options, outcomes);
  let traffic: Traffic | undefined;
  try {
    say('Waiting until the first version is served');
    await follow(({ phase }) => phase === 'Initialized');
    say(`Sending ${options.requestsPerSecond} requests per second to http://${name}.localhost`);
    traffic = startTraffic({
      origin: options.httpUrl,
      host: `${name}.localhost`,
      requestsPerSecond: options.requestsPerSecond,
      internalEvery: INTERNAL_EVERY,
      newId: options.newId,
      clock,
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    const releases: ReleaseRecord[] = [];
    for (const version of VERSIONS) {
      await delay(clock, PAUSE_MS, signal);
      releases.push(await release(version, { options, follow, routeChanges }));
    }
    await delay(clock, PAUSE_MS, signal);
    await traffic.stop();
    return demoReport({
      seconds: (clock.monotonicMs() - startedAt) / 1_000,
      canaryWorkload: name,
      sent: outcomes,
      routed: readRouted(options.accessLogPath),
      served: readServed(options.ledgerFolder),
      routeChanges: routeChanges.changes,
      releases,
    });
  } finally {
    await traffic?.stop();
    canaries.close();
    routes.close();
  }
}

type Follow = (until: (view: RolloutView) => boolean) => Promise<RolloutView>;

async function release(
  { revision, env }: Version,
  { options, follow, routeChanges }: { options: StoryOptions; follow: Follow; routeChanges: RouteChanges },
): Promise<ReleaseRecord> {
  const { clock, say } = options;
  const startedAt = clock.monotonicMs();
  const firstVersion = routeChanges.latestVersion + 1;
  const before = await follow(() => true);
  say(
    `Releasing ${revision}: ${Object.entries(env)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ')}`,
  );
  await setEnv(env, options);
  const approved = new Set<string>();
  const end = await follow((view) => {
    if (view.revision === before.revision) return false;
    const { waitingFor } = view;
    if (waitingFor?.kind === 'gate' && waitingFor.gate !== undefined && !approved.has(waitingFor.gate)) {
      approved.add(waitingFor.gate);
      void options.approve(waitingFor.gate);
    }
    return view.state === 'succeeded' || view.state === 'rolledBack';
  });
  return {
    revision,
    outcome: end.phase === 'Succeeded' ? 'promoted' : 'rolledBack',
    reason: end.reason,
    seconds: (clock.monotonicMs() - startedAt) / 1_000,
    firstVersion,
    lastVersion: routeChanges.latestVersion,
    stages: end.stages.map(({ name, weight, match }) => ({ name, weight, match: match !== undefined })),
  };
}

/** What `kubectl set env deployment/NAME` does. */
async function setEnv(env: Version['env'], { client, namespace, name }: StoryOptions): Promise<void> {
  const entries = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  const patch = { spec: { template: { spec: { containers: [{ name, env: entries }] } } } };
  await client.patch(DEPLOYMENT, { namespace, name }, patch, { strategy: 'strategic', fieldManager: 'sluice-demo' });
}

/** Waits for a state of the rollout, showing every change on the way. */
function createFollower(
  canaries: ReturnType<typeof createWatchCache<CanaryObject>>,
  { namespace, name, show, signal }: StoryOptions,
  outcomes: readonly ClientOutcome[],
): Follow {
  return (until) =>
    new Promise((resolve, reject) => {
      let unsubscribe = (): void => {};
      const onAbort = (): void => {
        unsubscribe();
        reject(signal.reason);
      };
      const look = (): boolean => {
        const canary = canaries.get(namespace, name);
        if (canary === undefined) return false;
        const view = rolloutView(canary);
        show(view, outcomes);
        if (!until(view)) return false;
        unsubscribe();
        signal.removeEventListener('abort', onAbort);
        resolve(view);
        return true;
      };
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      if (!look()) unsubscribe = canaries.onChange(look);
    });
}
