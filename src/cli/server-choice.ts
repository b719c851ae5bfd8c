/**
 * Which API server a command talks to, in this order: what the command line names, KUBECONFIG, a `sluice up` that is alive in
 * the current folder, the user's default kubeconfig. Never a silent `localhost:8080`.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../lib/errors.ts';
import { isRunning, type ProcessIdentity } from '../lib/process-identity.ts';

export type ServerFlags = { kubeconfig?: string; context?: string; namespace?: string };

export type ServerSurroundings = { env: Readonly<Record<string, string | undefined>>; cwd: string };

export type ServerChoice = {
  /** Absent: what KUBECONFIG names, which may be a list to merge. */
  kubeconfigPath?: string;
  /** Why this server, for the line that every write prints. */
  because: 'flag' | 'KUBECONFIG' | 'sluice up' | 'default kubeconfig';
};

/** @throws SluiceError SL0004 when nothing is configured and nothing runs */
export function chooseServer(flags: ServerFlags, { env, cwd }: ServerSurroundings): ServerChoice {
  if (flags.kubeconfig !== undefined) return { kubeconfigPath: flags.kubeconfig, because: 'flag' };
  if (env.KUBECONFIG) return { because: 'KUBECONFIG' };
  const live = liveKubeconfig(cwd);
  if (live !== undefined) return { kubeconfigPath: live, because: 'sluice up' };
  const own = join(env.HOME ?? '', '.kube', 'config');
  if (env.HOME && existsSync(own)) return { kubeconfigPath: own, because: 'default kubeconfig' };
  throw new SluiceError(
    'SL0004',
    'No API server was found: neither --kubeconfig nor KUBECONFIG is set, no `sluice up` runs in this folder, and there is no ~/.kube/config',
  );
}

function liveKubeconfig(cwd: string): string | undefined {
  const dataDir = liveDataDir(cwd);
  const path = dataDir && join(dataDir, 'kubeconfig');
  return path !== undefined && existsSync(path) ? path : undefined;
}

/** The data folder of a `sluice up` in this folder, if the process that holds its lock runs. */
export function liveDataDir(cwd: string): string | undefined {
  const dataDir = join(cwd, '.sluice');
  try {
    const holder = JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8')) as ProcessIdentity;
    return isRunning(holder) ? dataDir : undefined;
  } catch {
    return undefined;
  }
}
