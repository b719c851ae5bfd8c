/**
 * A real control plane (etcd, kube-apiserver, kube-controller-manager) for one test file: free ports, a temporary folder,
 * gone after `stop`. The binaries come from KUBEBUILDER_ASSETS (envtest's convention), else from `bin/` beside this file.
 */

import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = import.meta.dirname;

export type ControlPlane = { kubeconfigPath: string; assets: string; stop(): Promise<void> };

const BINARIES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'];

/** Where the binaries are looked for, and the names of those that are not there. */
export function findAssets(environment: NodeJS.ProcessEnv = process.env): { folder: string; missing: string[] } {
  const folder = environment.KUBEBUILDER_ASSETS ?? join(here, 'bin');
  return { folder, missing: BINARIES.filter((name) => !existsSync(join(folder, name))) };
}

/** The folder of the binaries, or `undefined` when one of them is missing. */
export function controlPlaneAssets(): string | undefined {
  const { folder, missing } = findAssets();
  return missing.length === 0 ? folder : undefined;
}

export type ControlPlaneOptions = {
  /** `false`: only the API server answers, and nothing changes behind a test's back. */
  controllers?: boolean;
};

/** @throws Error naming what is missing, or the last lines of the API server's log when it does not come up */
export async function startControlPlane({ controllers = true }: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { folder: assets, missing } = findAssets();
  if (missing.length > 0) {
    throw new Error(`${assets} lacks ${missing.join(', ')}: run \`node test/kubernetes/prepare.ts\``);
  }
  const folder = await mkdtemp(join(tmpdir(), 'sluice-control-plane-'));
  const stop = async () => {
    await run(join(here, 'down'), [folder], { env: { ...process.env, KUBEBUILDER_ASSETS: assets } });
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  try {
    const environment = { PORT: `${await freePort()}`, ETCD_PORT: `${await freePort()}` };
    await run(join(here, 'up'), [folder], { env: { ...process.env, ...environment, KUBEBUILDER_ASSETS: assets } });
    if (!controllers) process.kill(Number(await readFile(join(folder, 'controller-manager.pid'), 'utf8')), 'SIGKILL');
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { kubeconfigPath: join(folder, 'kubeconfig'), assets, stop };
}

/**
 * A port that nobody listens on, below those that systems hand out by themselves: until the server binds it, seconds from now, no
 * outgoing connection and no other test's port 0 gets it.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
