/**
 * The node half of the runtime: runs the pods of one node as processes of this machine. It speaks to nothing but an API server, so
 * that it runs unchanged against the embedded one and against a cluster's.
 */

import { join } from 'node:path';
import { createEventRecorder } from '../../kube/event-recorder.ts';
import { isConflict, isNotFound, type KubeClient } from '../../kube/kube-client.ts';
import { CONFIG_MAP, ENDPOINT_SLICE, POD, SECRET } from '../../kube/resource-types.ts';
import { createWatchCache } from '../../kube/watch-cache.ts';
import { createWorkQueue } from '../../kube/work-queue.ts';
import type { Clock } from '../../lib/clock.ts';
import { SluiceError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { isRunning } from '../../lib/process-identity.ts';
import type { KubeObject, ObjectRef } from '../../lib/resource.ts';
import type { PodLogs } from '../api/api-context.ts';
import { RESTART_BACKOFF, type RestartBackoff } from './container-end.ts';
import { startNodeHeartbeat } from './node-heartbeat.ts';
import type { Pod } from './pod.ts';
import type { ReadValues } from './pod-environment.ts';
import { readPodRecords } from './pod-folder.ts';
import { readLog } from './pod-logs.ts';
import { createPodNetwork } from './pod-network.ts';
import { createPodWorker, type PodWorker } from './pod-worker.ts';
import { keepLogsBounded } from './rotate-log.ts';
import { leaveTraffic } from './stop-pod.ts';
import { killStrays } from './stray-processes.ts';

export type KubeletOptions = {
  client: KubeClient;
  /** Pods are kept in its folder `pods`. */
  dataDir: string;
  nodeName: string;
  /** Where processes start, and relative commands are looked up. */
  workDir: string;
  /** All that a pod sees of the platform's own environment. */
  baseEnv: Readonly<Record<string, string>>;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Takes on pods that no scheduler has bound; there is none on one machine. */
  bindsPods?: boolean;
  /** Resolves once every proxy serves a table without the pod. */
  acknowledged?: (pod: ObjectRef) => Promise<void>;
  restartBackoff?: RestartBackoff;
};

export type Kubelet = {
  /** The node is registered and earlier pods are adopted. */
  synced: Promise<void>;
  podLogs: PodLogs;
  /** With `stopPods` processes end, but their Pods stay and are started again next time; without, they go on running. */
  close(options: { stopPods: boolean }): Promise<void>;
};

type EndpointSlice = KubeObject & {
  endpoints?: { conditions?: { ready?: boolean }; targetRef?: { kind?: string; uid?: string } }[] | null;
};

const QUEUE_BACKOFF = { baseMs: 200, maxMs: 10_000, jitter: 0.5 };
/** Pods are independent of each other: one that takes its time to stop holds up no other. */
const CONCURRENCY = 1_000;
const LEAVE_PATIENCE_MS = 10_000;

/** Starts at once. */
export function startKubelet(options: KubeletOptions): Kubelet {
  const { client, dataDir, nodeName, clock, random, logger, bindsPods = true } = options;
  const podsDir = join(dataDir, 'pods');
  const workers = new Map<string, PodWorker>();
  const pods = createWatchCache<Pod>(client, POD, { clock, random, logger });
  const slices = createWatchCache<EndpointSlice>(client, ENDPOINT_SLICE, { clock, random, logger });
  const heartbeat = startNodeHeartbeat({ client, nodeName, clock, logger });

  const events = createEventRecorder({ client, clock, logger }, { component: 'kubelet', host: nodeName });
  const world = {
    ...options,
    podsDir,
    network: createPodNetwork(random),
    readValues: createReadValues(client),
    announce: events.record,
    restartBackoff: options.restartBackoff ?? RESTART_BACKOFF,
    leaveTraffic: ({ metadata: { namespace, name, uid } }: Pod, signal: AbortSignal) =>
      leaveTraffic({
        isServed: () => slices.list(namespace).some((slice) => serves(slice, uid)),
        onChange: (listener) => slices.onChange(listener),
        acknowledged: () => options.acknowledged?.({ namespace, name }) ?? Promise.resolve(),
        patienceMs: LEAVE_PATIENCE_MS,
        clock,
        signal,
      }),
  };

  const queue = createWorkQueue({
    clock,
    random,
    logger,
    backoff: QUEUE_BACKOFF,
    concurrency: CONCURRENCY,
    async process(key, signal) {
      const pod = podOf(key);
      if (pod !== undefined && pod.spec.nodeName !== nodeName) {
        if (bindsPods && !pod.spec.nodeName && pod.metadata.deletionTimestamp === undefined)
          await bind(client, pod, nodeName);
        return undefined;
      }
      if (pod === undefined && !workers.has(key)) return undefined;
      const again = await workerOf(key).sync(pod, signal);
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) workers.delete(key);
      return again;
    },
  });

  const podOf = (key: string): Pod | undefined => {
    const [namespace, name = '', uid] = key.split('/');
    const pod = pods.get(namespace, name);
    return pod?.metadata.uid === uid ? pod : undefined;
  };

  const workerOf = (key: string): PodWorker => {
    const known = workers.get(key);
    if (known !== undefined) return known;
    const created = createPodWorker(world, () => queue.add(key));
    workers.set(key, created);
    return created;
  };

  const adopt = async (): Promise<void> => {
    await Promise.all([pods.synced, slices.synced]);
    const records = readPodRecords(podsDir);
    const running = records.filter(({ process }) => process !== undefined && isRunning(process));
    const strays = killStrays(podsDir, new Set(running.map(({ uid }) => uid)));
    if (0 < strays.length) logger.warn({ processes: strays }, 'killed processes of pods that no record led to');
    for (const record of records) {
      const key = keyOf(record);
      workers.set(
        key,
        createPodWorker(world, () => queue.add(key), record),
      );
      queue.add(key);
    }
    pods.onChange(({ object: { metadata } }) => queue.add(keyOf(metadata)));
  };
  const adopted = adopt();
  adopted.catch(() => {});
  const logFiles = (): string[] => [...workers.values()].flatMap(({ folder }) => folder?.logFile ?? []);
  const stopRotation = keepLogsBounded(logFiles, { clock, logger });

  return {
    synced: Promise.all([adopted, heartbeat.registered]).then(() => {}),
    podLogs: createPodLogs(workers, clock),
    async close({ stopPods }) {
      stopRotation();
      heartbeat.close();
      pods.close();
      await queue.close();
      await Promise.all([...workers.values()].map((worker) => worker.close({ stopPods })));
      slices.close();
      await events.flush();
    },
  };
}

function keyOf({ namespace = 'default', name, uid = '' }: { namespace?: string; name: string; uid?: string }): string {
  return `${namespace}/${name}/${uid}`;
}

/** An endpoint that is terminating stays in its slice, but is not ready: no new traffic goes there. */
function serves({ endpoints }: EndpointSlice, uid: string): boolean {
  return (endpoints ?? []).some(({ targetRef, conditions }) => targetRef?.uid === uid && conditions?.ready !== false);
}

async function bind(client: KubeClient, { metadata: { namespace, name, uid } }: Pod, nodeName: string): Promise<void> {
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { namespace, name, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
  };
  try {
    await client.create(POD, binding as KubeObject, { subresource: 'binding' });
  } catch (thrown) {
    // Bound by another, or gone: the watch tells.
    if (!isConflict(thrown) && !isNotFound(thrown)) throw thrown;
  }
}

function createReadValues(client: KubeClient): ReadValues {
  return async (kind, ref) => {
    const object = await client.get<KubeObject & { data?: Record<string, string> }>(
      kind === 'Secret' ? SECRET : CONFIG_MAP,
      ref,
    );
    if (object === undefined || kind === 'ConfigMap') return object === undefined ? undefined : (object.data ?? {});
    const decoded = Object.entries(object.data ?? {}).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]);
    return Object.fromEntries(decoded);
  };
}

function createPodLogs(workers: ReadonlyMap<string, PodWorker>, clock: Clock): PodLogs {
  return ({ namespace, name }, { previous, timestamps, ...wanted }, signal) => {
    // The youngest of that name: its predecessor may still be stopping.
    const worker = [...workers.values()].findLast(
      ({ record }) => record?.namespace === namespace && record.name === name,
    );
    if (worker?.folder === undefined)
      throw new SluiceError('SL0290', `Pod ${namespace}/${name} has no output: it has not run`);
    if (timestamps) throw new SluiceError('SL0291', 'Timestamps of log lines are not recorded');
    const path = previous ? worker.folder.previousLogFile : worker.folder.logFile;
    return readLog(path, { ...wanted, follow: wanted.follow && !previous, clock, isLive: worker.isLive, signal });
  };
}
