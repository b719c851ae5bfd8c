/**
 * The container of a pod as a process: started, adopted from an earlier life of the platform, probed, ended. It knows the state of the
 * process; whether there should be one is the pod's to decide.
 */

import { resolve } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { toRfc3339 } from '../../lib/clock.ts';
import { expandVariables } from './expand-variables.ts';
import type { Container, ListenPorts, Pod } from './pod.ts';
import type { Environment } from './pod-environment.ts';
import type { PodRecord } from './pod-folder.ts';
import { adoptProcess, type PodProcess, type ProcessEnd, startProcess } from './pod-process.ts';
import { type EarlierVerdicts, type ProbeLoop, type ProbeVerdicts, startProbes } from './probe-loop.ts';
import type { ProbeTarget } from './run-probe.ts';
import { stopProcess } from './stop-pod.ts';

export type StartedProcess = NonNullable<PodRecord['process']>;

export type ContainerRunner = {
  readonly running: { processId: number | undefined; startedAt: string } | undefined;
  verdicts(): ProbeVerdicts | undefined;
  /** Takes over a recorded process; says at once that it ended when it is not there any more. */
  adopt(process: StartedProcess): void;
  /** @returns how to find the process again, or `undefined` when it could not be started */
  start(what: RunSpec, logFd: number): StartedProcess | undefined;
  /** Probes an adopted process; nothing happens when its probes run already. */
  probe(what: RunSpec, before?: EarlierVerdicts): void;
  stopProbes(): void;
  /** Ends the process, if there is one: preStop, SIGTERM, SIGKILL. */
  end(options: { pod: Pod | undefined; graceSeconds: number; signal?: AbortSignal }): Promise<void>;
};

export type RunSpec = { container: Container; listen: ListenPorts; env: Record<string, string> };

export type RunnerOptions = {
  workDir: string;
  clock: Clock;
  /** A verdict of a probe has changed. */
  onChange: () => void;
  /** A probe has failed, whether or not that changes a verdict. */
  onProbeFailure: (message: string) => void;
  /** The process has ended; told once per process. */
  onEnd: (end: ProcessEnd, startedAt: string) => void;
};

export function createContainerRunner(options: RunnerOptions): ContainerRunner {
  const { workDir, clock, onChange, onProbeFailure, onEnd } = options;
  let running: { process: PodProcess; startedAt: string } | undefined;
  let target: ProbeTarget | undefined;
  let probes: ProbeLoop | undefined;

  const follow = (process: PodProcess, startedAt: string): void => {
    running = { process, startedAt };
    void process.ended.then((end) => {
      running = undefined;
      stopProbes();
      onEnd(end, startedAt);
    });
  };

  const probe = ({ container, listen, env }: RunSpec, before?: EarlierVerdicts): void => {
    if (probes !== undefined || running === undefined) return;
    target = { container, listen, env, cwd: folderOf(container, workDir), clock };
    probes = startProbes(target, { onChange, onFailure: onProbeFailure, ...(before === undefined ? {} : { before }) });
  };

  const stopProbes = (): void => {
    probes?.stop();
    probes = undefined;
  };

  return {
    get running() {
      return running && { processId: running.process.identity?.pid, startedAt: running.startedAt };
    },
    verdicts: () => probes?.verdicts(),
    adopt({ startedAt, ...identity }) {
      const process = adoptProcess(identity, clock);
      if (process === undefined) onEnd({ how: 'unknown' }, startedAt);
      else follow(process, startedAt);
    },
    start(what, logFd) {
      const { container, env } = what;
      const argv = [...(container.command ?? []), ...(container.args ?? [])].map((text) => expandVariables(text, env));
      const startedAt = toRfc3339(clock.now());
      const process = startProcess({ argv, env, cwd: folderOf(container, workDir), workDir, logFd });
      follow(process, startedAt);
      probe(what);
      return process.identity && { ...process.identity, startedAt };
    },
    probe,
    stopProbes,
    async end({ pod, graceSeconds, signal }) {
      if (running === undefined) return;
      const command = pod?.spec.containers[0]?.lifecycle?.preStop?.exec?.command;
      await stopProcess(running.process, {
        graceMs: graceSeconds * 1_000,
        clock,
        ...(command === undefined || target === undefined ? {} : { preStop: { command, target } }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
  };
}

function folderOf({ workingDir = '.' }: Container, workDir: string): string {
  return resolve(workDir, workingDir || '.');
}

/** The environment of an adopted process is what it would be given now; what cannot be resolved any more is left out. */
export function environmentOrNothing(environment: Environment): Record<string, string> {
  return environment.ok ? environment.env : {};
}
