/**
 * Brings one pod from where it is to where it should be. `sync` is called whenever something may have changed and decides from what
 * is: the Pod as the API server holds it, the record on disk, the process, the probes.
 */

import { resolve } from 'node:path';
import type { KubeClient } from '../../kube/kube-client.ts';
import { isConflict, isNotFound } from '../../kube/kube-client.ts';
import { POD } from '../../kube/resource-types.ts';
import { type Clock, type EpochMs, toRfc3339 } from '../../lib/clock.ts';
import type { Issue } from '../../lib/issue.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ObjectRef } from '../../lib/resource.ts';
import { type RestartBackoff, restarts, restartWaitMs, terminatedState } from './container-end.ts';
import type { Announce } from './event-recorder.ts';
import { expandVariables } from './expand-variables.ts';
import { inspectPod } from './inspect-pod.ts';
import { type Container, type ContainerState, LISTEN_ANNOTATION, type Pod, type PodStatus } from './pod.ts';
import { podEnvironment, type ReadValues } from './pod-environment.ts';
import { type PodFolder, type PodRecord, podFolder } from './pod-folder.ts';
import type { PodNetwork } from './pod-network.ts';
import { adoptProcess, type PodProcess, type ProcessEnd, startProcess } from './pod-process.ts';
import { podStatus } from './pod-status.ts';
import { type ProbeLoop, startProbes } from './probe-loop.ts';
import type { ProbeTarget } from './run-probe.ts';
import { stopProcess } from './stop-pod.ts';

export type PodWorld = {
  client: KubeClient;
  clock: Clock;
  logger: Logger;
  network: PodNetwork;
  podsDir: string;
  workDir: string;
  baseEnv: Readonly<Record<string, string>>;
  readValues: ReadValues;
  announce: Announce;
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
  const { client, clock, logger, network, announce } = world;
  let record = adopted;
  let folder = record === undefined ? undefined : podFolder(world.podsDir, record);
  let running: PodProcess | undefined;
  let target: ProbeTarget | undefined;
  let probes: ProbeLoop | undefined;
  let state: ContainerState = { waiting: { reason: 'ContainerCreating' } };
  let written: PodStatus | undefined;
  let refused = false;
  let ending: Promise<void> | undefined;
  let lastPod: Pod | undefined;
  let closed = false;

  if (record !== undefined) {
    network.keepAddress(record.podIP);
    network.keepPorts(record.listen);
    const { process } = record;
    running = process === undefined ? undefined : adoptProcess(process, clock);
    if (running !== undefined && process !== undefined) {
      state = { running: { startedAt: process.startedAt } };
      followEnd(running, process.startedAt);
    } else if (process !== undefined) onEnd({ how: 'unknown' }, process.startedAt);
    else if (record.lastState !== undefined) state = { terminated: record.lastState };
  }

  function followEnd(process: PodProcess, startedAt: string): void {
    void process.ended.then((end) => {
      if (process !== running) return;
      running = undefined;
      onEnd(end, startedAt);
      wake();
    });
  }

  function onEnd(end: ProcessEnd, startedAt: string): void {
    probes?.stop();
    probes = undefined;
    if (record === undefined) return;
    const terminated = terminatedState(end, startedAt, clock.now());
    state = { terminated };
    const { process: _gone, ...rest } = record;
    const ranMs = clock.now() - Date.parse(startedAt);
    // Stopping on request is no crash: what is started again then starts at once.
    const crashes = closed ? 0 : world.restartBackoff.stableMs <= ranMs ? 1 : record.crashes + 1;
    save({ ...rest, crashes, lastState: terminated });
  }

  function save(next: PodRecord): void {
    record = next;
    folder?.save(next);
  }

  async function takeOn(pod: Pod, container: Container): Promise<PodRecord> {
    if (record !== undefined) return record;
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
  }

  /** Invariant: whoever sees the pod Ready can already see where it listens. */
  async function publishPorts(pod: Pod, { listen }: PodRecord): Promise<void> {
    const addresses = Object.entries(listen).map(([port, real]) => [port, `127.0.0.1:${real}`]);
    const value = JSON.stringify(Object.fromEntries(addresses));
    if (pod.metadata.annotations?.[LISTEN_ANNOTATION] === value) return;
    const patch = { metadata: { uid: pod.metadata.uid, annotations: { [LISTEN_ANNOTATION]: value } } };
    await client.patch(POD, refOf(pod), patch, { strategy: 'merge' });
  }

  async function environmentOf(pod: Pod, container: Container, { podIP, listen }: PodRecord) {
    const { baseEnv, readValues } = world;
    return podEnvironment({ pod, container, podIP, listen, baseEnv, readValues });
  }

  async function start(pod: Pod, container: Container, from: PodRecord): Promise<boolean> {
    const listen = await network.takePorts(container, from.listen);
    const taken = { ...from, listen };
    save(taken);
    await publishPorts(pod, taken);
    const environment = await environmentOf(pod, container, taken);
    if (!environment.ok) {
      const next = { waiting: { reason: 'CreateContainerConfigError', message: environment.message } };
      if (JSON.stringify(next) !== JSON.stringify(state)) {
        announce(pod, { type: 'Warning', reason: 'Failed', message: `Error: ${environment.message}` });
      }
      state = next;
      return false;
    }
    const { env } = environment;
    const argv = [...(container.command ?? []), ...(container.args ?? [])].map((text) => expandVariables(text, env));
    const cwd = resolve(world.workDir, container.workingDir ?? '.');
    const logFd = (folder as PodFolder).openLog();
    const startedAt = toRfc3339(clock.now());
    const process = startProcess({ argv, env, cwd, workDir: world.workDir, logFd });
    running = process;
    state = { running: { startedAt } };
    const restartCount = taken.restartCount + (taken.lastState === undefined ? 0 : 1);
    save({
      ...taken,
      restartCount,
      ...(process.identity === undefined ? {} : { process: { ...process.identity, startedAt } }),
    });
    followEnd(process, startedAt);
    target = { container, listen, env, cwd, clock };
    probes = startProbes(target, wake);
    announce(pod, { type: 'Normal', reason: 'Started', message: `Started process of container ${container.name}` });
    return true;
  }

  /** An adopted process is probed anew; its environment is what it would be given now. */
  async function resumeProbes(pod: Pod, container: Container, { listen, ...rest }: PodRecord): Promise<void> {
    if (probes !== undefined || running === undefined) return;
    await publishPorts(pod, { listen, ...rest });
    const environment = await environmentOf(pod, container, { listen, ...rest });
    const cwd = resolve(world.workDir, container.workingDir ?? '.');
    target = { container, listen, env: environment.ok ? environment.env : {}, cwd, clock };
    probes = startProbes(target, wake);
  }

  async function endProcess(pod: Pod | undefined, graceSeconds: number, signal?: AbortSignal): Promise<void> {
    const process = running;
    if (process === undefined) return;
    const command = pod?.spec.containers[0]?.lifecycle?.preStop?.exec?.command;
    const preStop = command !== undefined && target !== undefined ? { preStop: { command, target } } : {};
    await stopProcess(process, {
      graceMs: graceSeconds * 1_000,
      ...preStop,
      clock,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async function terminate(pod: Pod, signal: AbortSignal): Promise<void> {
    if (running !== undefined) {
      await world.leaveTraffic(pod, signal);
      probes?.stop();
      announce(pod, { type: 'Normal', reason: 'Killing', message: 'Stopping the process' });
      await endProcess(pod, pod.metadata.deletionGracePeriodSeconds ?? record?.gracePeriodSeconds ?? 30, signal);
    }
    signal.throwIfAborted();
    await client.delete(POD, refOf(pod), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } });
    cleanUp();
  }

  function cleanUp(): void {
    probes?.stop();
    if (record === undefined) return;
    network.freeAddress(record.podIP);
    network.freePorts(record.listen);
    folder?.remove();
    record = undefined;
    folder = undefined;
  }

  function killUnhealthy(pod: Pod): void {
    const fatal = probes?.verdicts().fatal;
    if (fatal === undefined || ending !== undefined) return;
    announce(pod, { type: 'Warning', reason: 'Unhealthy', message: fatal });
    announce(pod, { type: 'Normal', reason: 'Killing', message: `${fatal}: the container will be restarted` });
    ending = endProcess(pod, record?.gracePeriodSeconds ?? 30).finally(() => {
      ending = undefined;
    });
  }

  function refuse(pod: Pod, refusals: readonly Issue[]): void {
    const message = refusals.map((issue) => `${issue.path}: ${issue.message}`).join('; ');
    state = { waiting: { reason: 'RefusedByProcessRuntime', message } };
    if (!refused)
      for (const issue of refusals)
        announce(pod, { type: 'Warning', reason: 'Refused', message: `${issue.path}: ${issue.message}` });
    refused = true;
  }

  async function writeStatus(pod: Pod): Promise<void> {
    const verdicts = probes?.verdicts();
    const process = running?.identity;
    const view = {
      ...(record === undefined ? {} : { podIP: record.podIP }),
      startTime: record?.startTime ?? pod.metadata.creationTimestamp ?? toRfc3339(clock.now()),
      container: {
        state,
        ...(record?.lastState === undefined || 'terminated' in state ? {} : { lastState: record.lastState }),
        restartCount: record?.restartCount ?? 0,
        started: verdicts?.started ?? false,
        ready: (verdicts?.ready ?? false) && !closed,
        ...(process === undefined ? {} : { processId: process.pid }),
        ...(verdicts?.notReadyMessage === undefined ? {} : { notReadyMessage: verdicts.notReadyMessage }),
      },
    };
    const status = podStatus({ ...pod, status: written ?? pod.status ?? {} }, view, clock.now());
    if (JSON.stringify(status) === JSON.stringify(written)) return;
    const patch = { metadata: { uid: pod.metadata.uid }, status };
    try {
      await client.patch(POD, refOf(pod), patch, { strategy: 'merge', subresource: 'status' });
      written = status;
    } catch (thrown) {
      // Gone, or another pod of the same name: the watch tells.
      if (!isNotFound(thrown) && !isConflict(thrown)) throw thrown;
    }
  }

  async function advance(pod: Pod, signal: AbortSignal): Promise<EpochMs | undefined> {
    const container = pod.spec.containers[0];
    if (container === undefined) return undefined;
    const { refusals, warnings } = inspectPod(pod);
    if (0 < refusals.length) {
      refuse(pod, refusals);
      return undefined;
    }
    if (record === undefined) {
      for (const { path, message } of warnings)
        announce(pod, { type: 'Warning', reason: 'NotEnforced', message: `${path}: ${message}` });
    }
    const taken = await takeOn(pod, container);
    if (running !== undefined) {
      await resumeProbes(pod, container, taken);
      killUnhealthy(pod);
      return undefined;
    }
    const { lastState } = taken;
    if (lastState !== undefined) {
      if (!restarts(pod, lastState)) {
        state = { terminated: lastState };
        return undefined;
      }
      const waitMs = restartWaitMs(taken.crashes, world.restartBackoff);
      const at = Date.parse(lastState.finishedAt) + waitMs;
      if (clock.now() < at) {
        state = {
          waiting: {
            reason: 'CrashLoopBackOff',
            message: `back-off ${waitMs / 1_000} s restarting failed container ${container.name}`,
          },
        };
        return at;
      }
    }
    if (signal.aborted) return undefined;
    return (await start(pod, container, taken)) ? undefined : clock.now() + CONFIG_RETRY_MS;
  }

  return {
    async sync(pod, signal) {
      if (closed) return undefined;
      if (pod === undefined) {
        await endProcess(undefined, record?.gracePeriodSeconds ?? 30, signal);
        signal.throwIfAborted();
        cleanUp();
        return undefined;
      }
      lastPod = pod;
      if (pod.metadata.deletionTimestamp !== undefined) {
        await terminate(pod, signal);
        return undefined;
      }
      if (running === undefined && ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) return undefined;
      const again = await advance(pod, signal);
      await writeStatus(pod);
      return again;
    },
    get record() {
      return record;
    },
    get folder() {
      return folder;
    },
    isLive: () => running !== undefined || 'waiting' in state,
    async close({ stopPods }) {
      closed = true;
      probes?.stop();
      if (!stopPods || running === undefined) return;
      if (lastPod !== undefined) {
        await writeStatus(lastPod).catch((thrown: unknown) => {
          logger.warn({ pod: record?.name, error: String(thrown) }, 'status not written on close');
        });
      }
      await endProcess(lastPod, record?.gracePeriodSeconds ?? 30);
      // Its end is saved by the one who follows the process.
      await Promise.resolve();
    },
  };
}

function refOf({ metadata: { namespace, name } }: Pod): ObjectRef {
  return { namespace, name };
}
