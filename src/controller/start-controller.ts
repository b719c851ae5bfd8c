/**
 * The controller: watches wake exactly the Canaries that a change concerns, a queue works on each of them one turn at a time.
 * Nothing polls; the only timers are the instants that a turn asks for.
 */

import { createEventRecorder } from '../kube/event-recorder.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { createWorkQueue } from '../kube/work-queue.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { ResourceType } from '../lib/resource.ts';
import { createControllerCaches } from './controller-caches.ts';
import type { MetricsProviderFor } from './evidence-round.ts';
import { rolloutTurn } from './rollout-turn.ts';
import type { Shell } from './shell.ts';

/** Requests under way get this long after the data plane serves new routes, in milliseconds. */
const DRAIN_MS_DEFAULT = 1_000;
const BACKOFF = { baseMs: 50, maxMs: 30_000, jitter: 0.3 };
const CONCURRENCY = 8;
/** A kind that is still missing after this time is worth a line in the log, in milliseconds. */
const MISSING_AFTER_MS = 5_000;

export type ControllerOptions = {
  client: KubeClient;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Absent: all namespaces. */
  namespace?: string;
  /** What a Canary without `spec.provider` uses; `sluice` and `istio` write the same routes. */
  meshProvider?: string;
  /** The metrics server at an address; without one, that of the installation. */
  metricsProvider: MetricsProviderFor;
  drainMs?: number;
};

/** `name` as people write it: `Canary (flagger.app)`. */
export type MissingKind = { name: string; required: boolean };

export type Controller = {
  /** Resolves once every kind that all Canaries need was listed; Canaries are worked on from then on. */
  synced: Promise<void>;
  /** Kinds that could not be listed so far: not installed, or not permitted. Canaries without need of an optional one go on. */
  missing(): MissingKind[];
  close(): Promise<void>;
};

export function startController(options: ControllerOptions): Controller {
  const { client, clock, random, logger, namespace, metricsProvider } = options;
  let isSynced = false;
  const queue = createWorkQueue({
    ...{ clock, random, logger, backoff: BACKOFF, concurrency: CONCURRENCY },
    process: (key, signal) => rolloutTurn(key, signal, shell),
  });
  const waiting = new Set<string>();
  const caches = createControllerCaches({ client, namespace, clock, random, logger }, (key) => {
    // A turn on half a world would take a missing object for a deleted one.
    if (isSynced) queue.add(key);
    else waiting.add(key);
  });
  caches.actions.onChange(({ type, object }) => {
    if (type === 'added') shell.rounds.get(`${object.metadata.namespace}/${object.spec.canary}`)?.abort();
  });
  const events = createEventRecorder({ client, clock, logger }, { component: 'sluice' });
  const shell: Shell = {
    ...{ client, caches, clock, random, logger, metricsProvider },
    // Flagger's only reason, which people filter by.
    record: (canary, { type, message }) => events.record(canary, { type, reason: 'Synced', message }),
    meshProvider: options.meshProvider ?? 'sluice',
    drainMs: options.drainMs ?? DRAIN_MS_DEFAULT,
    written: new Map(),
    ahead: new Map(),
    saved: new Map(),
    answered: new Set(),
    handBacks: new Map(),
    asked: new Map(),
    clockMarks: new Map(),
    rounds: new Map(),
    missingFrom: clock.now() + MISSING_AFTER_MS,
  };
  const synced = caches.synced.then(() => {
    isSynced = true;
    for (const key of waiting) queue.add(key);
    waiting.clear();
  });
  synced.catch(() => {});
  const missing = (): MissingKind[] =>
    caches.unsynced().map((type) => ({ name: kindName(type), required: caches.isRequired(type) }));
  const forgetWarning = clock.after(MISSING_AFTER_MS, () => {
    const names = missing().map(({ name }) => name);
    if (names.length > 0) logger.warn({ missing: names }, 'waiting for kinds that cannot be listed');
  });
  return {
    synced,
    missing,
    async close() {
      forgetWarning();
      caches.close();
      await queue.close();
      await events.flush();
    },
  };
}

function kindName({ kind, group }: ResourceType): string {
  return group === '' ? kind : `${kind} (${group})`;
}
