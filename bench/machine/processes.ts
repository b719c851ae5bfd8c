/** Processes under measurement: started on a core of their own, their CPU time and memory read from /proc, stopped by their id. */

import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** The core of what is measured, and the core of generators and upstreams: wake-ups across cores would be measured otherwise. */
export const CORES: { proxy: number; rest: number } | undefined =
  availableParallelism() >= 2 && isInstalled('taskset') ? { proxy: 1, rest: 0 } : undefined;

export function isInstalled(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Keeps this process, which holds generators of its own, away from the core of the proxies. */
export function pinMyself(): void {
  if (CORES !== undefined)
    execFileSync('taskset', ['-acp', String(CORES.rest), String(process.pid)], { stdio: 'ignore' });
}

/** Command and arguments that run `command` on a core; its children stay there, too. */
export function onCore(core: 'proxy' | 'rest', command: string, args: readonly string[]): [string, string[]] {
  return CORES === undefined ? [command, [...args]] : ['taskset', ['-c', String(CORES[core]), command, ...args]];
}

export type Running = { pid: number; child: ChildProcess; stop(): Promise<void> };

export function run(
  core: 'proxy' | 'rest',
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Running {
  const child = spawn(...onCore(core, command, args), { stdio: 'ignore', ...options });
  const exited = once(child, 'exit');
  // A failed start has no exit, and is noticed by whoever waits for its port.
  child.once('error', () => {});
  return {
    pid: child.pid ?? -1,
    child,
    async stop() {
      if (child.exitCode !== null || child.pid === undefined) return;
      child.kill('SIGTERM');
      if ((await Promise.race([exited, sleep(5_000)])) === undefined) child.kill('SIGKILL');
    },
  };
}

/** Seconds of CPU that a process and its descendants have used, exact to the nanosecond, the kernel's work for them included. */
export function cpuSeconds(pid: number): number {
  let nanoseconds = 0;
  for (const id of treeOf(pid)) {
    for (const task of readdirSync(`/proc/${id}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${id}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    }
  }
  return nanoseconds / 1e9;
}

/** Memory of a process and its descendants in MB; what they share counts once (proportional set size). */
export function memoryMb(pid: number): number {
  return treeOf(pid).reduce((sum, id) => sum + residentMb(id), 0);
}

/** Memory of one process in MB. */
export function residentMb(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1_024;
}

/** A process and all that descend from it. */
export function treeOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return [pid, ...children.flatMap((child) => treeOf(Number(child)))];
}

/** @throws when nobody answers there within ten seconds; the process is stopped then */
export async function listensOn(port: number, who: string, { stop }: Pick<Running, 'stop'>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await answers(port)) return;
    await sleep(50);
  }
  await stop();
  throw new Error(`${who} does not listen on port ${port}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
