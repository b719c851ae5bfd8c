/**
 * Brings one pod from where it is to where it should be. `sync` is called whenever something may have changed and decides from what
 * is: the Pod as the API server holds it, the record on disk, the process, the probes.
 */

import type { Announcement, EventRecorder } from '../../kube/event-recorder.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { POD } from '../../kube/resource-types.ts';
import { type Clock, type EpochMs, toRfc3339 } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Issue } from '../../lib/issue.ts';
import type { Logger } from '../../lib/logger.ts';
import { type RestartBackoff, restarts, restartWaitMs, terminatedState } from './container-end.ts';
import { createContainerRunner, environmentOrNothing } from './container-runner.ts';
import { inspectPod } from './inspect-pod.ts';
import type { Container, ContainerState, Pod } from './pod.ts';
import { podEnvironment, type ReadValues } from './pod-environment.ts';
import { backOff, failed, issueText, killing, notEnforced, refused, started, unhealthy } from './pod-events.ts';
import { type PodFolder, type PodRecord, podFolder } from './pod-folder.ts';
import type { PodNetwork } from './pod-network.ts';
import type { ProcessEnd } from './pod-process.ts';
import { createPodPublisher } from './pod-publisher.ts';
import { earlierVerdicts, type PodView } from './pod-status.ts';
import { POD_MARK, podMark } from './stray-processes.ts';

/** What all pods of the node share. */
export type PodWorld = {
  client: KubeClient;
  clock: Clock;
  logger: Logger;
  network: PodNetwork;
  podsDir: string;
  workDir: string;
  baseEnv: Readonly<Record<string, string>>;
  readValues: ReadValues;
  announce: EventRecorder['record'];
  restartBackoff: RestartBackoff;
  /** Waits until no traffic is sent to the pod any more. */
  leaveTraffic: (pod: Pod, signal: AbortSignal) => Promise<void>;
};

export type PodWorker = {
  /** @returns when to look again, if at an instant */
  sync(pod: Pod | undefined, signal: AbortSignal): Promise<EpochMs | undefined>;
  readonly record: PodRecord | undefined;
  readonly folder: PodFolder | undefined;
  /** Whether its container runs or will be started again. */
  isLive(): boolean;
  /** Stops watching; with `stopPods` also the process, without deleting the pod. */
  close(options: { stopPods: boolean }): Promise<void>;
};

/** Missing ConfigMaps and Secrets are looked for again after this time. */
const CONFIG_RETRY_MS = 1_000;

/** `wake` asks for another `sync`; `adopted` is the record of an earlier life of the platform. */
export function createPodWorker(world: PodWorld, wake: () => void, adopted?: PodRecord): PodWorker {
  const { client, clock, logger, network, workDir } = world;
  const publisher = createPodPublisher(client, clock);
  let record = adopted;
  let folder = record && podFolder(world.podsDir, record);
  let waiting: { reason: string; message?: string } = { reason: 'ContainerCreating' };
  let lastPod: Pod | undefined;
  let isEnding = false;
  let backedOffUntil: EpochMs | undefined;
  let closed = false;

  const say = (announcement: Announcement): void => {
    if (lastPod !== undefined) world.announce(lastPod, announcement);
  };

  const save = (next: PodRecord): void => {
    record = next;
    folder?.save(next);
  };

  const onEnd = (end: ProcessEnd, startedAt: string): void => {
    if (record === undefined) return;
    const { process: _ended, ...rest } = record;
    if (end.how === 'notStarted') say(failed(`failed to start container ${record.container}: ${end.message}`));
    const recovered = world.restartBackoff.stableMs <= clock.now() - Date.parse(startedAt);
    // What ends because the platform stops has not crashed: it starts at once next time.
    const crashes = closed ? 0 : recovered ? 1 : record.crashes + 1;
    save({ ...rest, crashes, lastState: terminatedState(end, startedAt, clock.now()) });
    wake();
  };

  const onProbeFailure = (message: string): void => say(unhealthy(message));
  const runner = createContainerRunner({ workDir, clock, onChange: wake, onProbeFailure, onEnd });
  if (record !== undefined) {
    network.keepAddress(record.podIP);
    network.keepPorts(record.listen);
    if (record.process !== undefined) runner.adopt(record.process);
  }

  const takeOn = async (pod: Pod, container: Container, warnings: readonly Issue[]): Promise<PodRecord> => {
    if (record !== undefined) return record;
    for (const issue of warnings) say(notEnforced(issue));
    const { uid, namespace, name } = pod.metadata;
    const taken: PodRecord = {
      uid,
      namespace,
      name,
      podIP: network.takeAddress(),
      listen: await network.takePorts(container),
      startTime: toRfc3339(clock.now()),
      gracePeriodSeconds: pod.spec.terminationGracePeriodSeconds ?? 30,
      container: container.name,
      restartCount: 0,
      crashes: 0,
    };
    folder = podFolder(world.podsDir, taken);
    save(taken);
    return taken;
  };

  const environmentOf = (pod: Pod, container: Container, { podIP, listen }: PodRecord) => {
    const { baseEnv, readValues } = world;
    return podEnvironment({ pod, container, podIP, listen, baseEnv, readValues });
  };

  const start = async (pod: Pod, container: Container, from: PodRecord): Promise<EpochMs | undefined> => {
    const { lastState, ...taken } = { ...from, listen: await network.takePorts(container, from.listen) };
    await publisher.publishPorts(pod, taken.listen);
    const environment = await environmentOf(pod, container, taken);
    if (!environment.ok) {
      const { message } = environment;
      if (waiting.message !== message) say(failed(message));
      waiting = { reason: 'CreateContainerConfigError', message };
      return clock.now() + CONFIG_RETRY_MS;
    }
    const logFd = (folder ?? podFolder(world.podsDir, taken)).openLog();
    const env = { ...environment.env, [POD_MARK]: podMark(world.podsDir, taken.uid) };
    const process = runner.start({ container, listen: taken.listen, env }, logFd);
    const restarted = lastState === undefined ? {} : { lastState, restartCount: taken.restartCount + 1 };
    save({ ...taken, ...restarted, ...(process === undefined ? {} : { process }) });
    if (process !== undefined) say(started(container.name));
    return undefined;
  };

  const watchOver = async (pod: Pod, container: Container, taken: PodRecord): Promise<void> => {
    if (runner.verdicts() === undefined) {
      await publisher.publishPorts(pod, taken.listen);
      const env = environmentOrNothing(await environmentOf(pod, container, taken));
      runner.probe({ container, listen: taken.listen, env }, earlierVerdicts(pod, runner.running?.processId));
    }
    const fatal = runner.verdicts()?.fatal;
    if (fatal === undefined || isEnding) return;
    isEnding = true;
    say(killing(container.name, `, to be restarted: ${fatal}`));
    void runner.end({ pod, graceSeconds: taken.gracePeriodSeconds }).finally(() => {
      isEnding = false;
    });
  };

  const refuse = (refusals: readonly Issue[]): void => {
    const message = refusals.map(issueText).join('; ');
    if (waiting.message === message) return;
    waiting = { reason: 'RefusedByProcessRuntime', message };
    for (const issue of refusals) say(refused(issue));
  };

  const advance = async (pod: Pod): Promise<EpochMs | undefined> => {
    const [container] = pod.spec.containers;
    const { refusals, warnings } = inspectPod(pod);
    if (container === undefined || 0 < refusals.length) {
      refuse(refusals);
      return undefined;
    }
    const taken = await takeOn(pod, container, warnings);
    if (runner.running !== undefined) {
      await watchOver(pod, container, taken);
      return undefined;
    }
    if (taken.lastState === undefined) return start(pod, container, taken);
    if (!restarts(pod, taken.lastState)) return undefined;
    const waitMs = restartWaitMs(taken.crashes, world.restartBackoff);
    const at = Date.parse(taken.lastState.finishedAt) + waitMs;
    if (at <= clock.now()) return start(pod, container, taken);
    if (backedOffUntil !== at) say(backOff(pod, container.name));
    backedOffUntil = at;
    waiting = {
      reason: 'CrashLoopBackOff',
      message: `back-off ${waitMs / 1_000}s restarting container ${container.name}`,
    };
    return at;
  };

  const stateOf = (pod: Pod): ContainerState => {
    if (runner.running !== undefined) return { running: { startedAt: runner.running.startedAt } };
    const ended = record?.lastState;
    return ended !== undefined && (closed || !restarts(pod, ended)) ? { terminated: ended } : { waiting };
  };

  const viewOf = (pod: Pod): PodView => {
    const state = stateOf(pod);
    const verdicts = runner.verdicts();
    const processId = runner.running?.processId;
    return {
      ...(record === undefined ? {} : { podIP: record.podIP }),
      startTime: record?.startTime ?? pod.metadata.creationTimestamp ?? toRfc3339(clock.now()),
      container: {
        state,
        ...(record?.lastState === undefined || 'terminated' in state ? {} : { lastState: record.lastState }),
        restartCount: record?.restartCount ?? 0,
        started: verdicts?.started ?? false,
        ready: (verdicts?.ready ?? false) && !closed,
        ...(processId === undefined ? {} : { processId }),
        ...(verdicts?.notReadyMessage === undefined ? {} : { notReadyMessage: verdicts.notReadyMessage }),
      },
    };
  };

  const terminate = async (pod: Pod, signal: AbortSignal): Promise<void> => {
    if (runner.running !== undefined) {
      await world.leaveTraffic(pod, signal);
      runner.stopProbes();
      say(killing(record?.container ?? ''));
      const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? record?.gracePeriodSeconds ?? 30;
      await runner.end({ pod, graceSeconds, signal });
    }
    signal.throwIfAborted();
    await client.delete(POD, pod.metadata, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } });
    cleanUp();
  };

  const cleanUp = (): void => {
    if (record === undefined) return;
    network.freeAddress(record.podIP);
    network.freePorts(record.listen);
    folder?.remove();
    record = undefined;
    folder = undefined;
  };

  /** The Pod is gone without us: deleted by force, or while the platform was down. */
  const vanish = async (signal: AbortSignal): Promise<void> => {
    runner.stopProbes();
    await runner.end({ pod: undefined, graceSeconds: record?.gracePeriodSeconds ?? 30, signal });
    cleanUp();
  };

  return {
    async sync(pod, signal) {
      if (closed) return undefined;
      lastPod = pod;
      if (pod === undefined) await vanish(signal);
      else if (pod.metadata.deletionTimestamp !== undefined) await terminate(pod, signal);
      else if (runner.running !== undefined || !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) {
        const again = await advance(pod);
        await publisher.publishStatus(pod, viewOf(pod));
        return again;
      }
      return undefined;
    },
    get record() {
      return record;
    },
    get folder() {
      return folder;
    },
    isLive: () =>
      record !== undefined && (runner.running !== undefined || lastPod === undefined || 'waiting' in stateOf(lastPod)),
    async close({ stopPods }) {
      closed = true;
      if (stopPods && runner.running !== undefined && lastPod !== undefined) {
        await publisher.publishStatus(lastPod, viewOf(lastPod)).catch((thrown: unknown) => {
          logger.warn({ pod: record?.name, error: messageOf(thrown) }, 'status not written on close');
        });
      }
      runner.stopProbes();
      if (stopPods) await runner.end({ pod: lastPod, graceSeconds: record?.gracePeriodSeconds ?? 30 });
    },
  };
}
