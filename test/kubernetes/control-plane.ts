/**
 * A real control plane (etcd, kube-apiserver, kube-controller-manager) for one test file: free ports, a temporary folder,
 * gone after `stop`. The binaries come from KUBEBUILDER_ASSETS (envtest's convention), else from `bin/` beside this file.
 */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = import.meta.dirname;

export type ControlPlane = { kubeconfigPath: string; assets: string; stop(): Promise<void> };

/** The folder of the binaries, or `undefined` when one of them is missing. */
export function controlPlaneAssets(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const folder = environment.KUBEBUILDER_ASSETS ?? join(here, 'bin');
  const complete = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'].every((name) =>
    existsSync(join(folder, name)),
  );
  return complete ? folder : undefined;
}

export type ControlPlaneOptions = {
  /** `false`: only the API server answers, and nothing changes behind a test's back. */
  controllers?: boolean;
};

/** @throws Error naming what is missing, or the last lines of the API server's log when it does not come up */
export async function startControlPlane({ controllers = true }: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const assets = controlPlaneAssets();
  if (assets === undefined) {
    throw new Error(
      'A real control plane needs etcd, kube-apiserver, kube-controller-manager and kubectl: run `node test/kubernetes/prepare.ts` (needs Go), or set KUBEBUILDER_ASSETS',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'sluice-control-plane-'));
  const stop = async () => {
    await run(join(here, 'down'), [folder], { env: { ...process.env, KUBEBUILDER_ASSETS: assets } });
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  try {
    const [port, etcdPort, managerPort] = await freePorts(3);
    const environment = { PORT: `${port}`, ETCD_PORT: `${etcdPort}`, CM_PORT: `${managerPort}` };
    await run(join(here, 'up'), [folder], { env: { ...process.env, ...environment, KUBEBUILDER_ASSETS: assets } });
    if (!controllers) process.kill(Number(await readFile(join(folder, 'controller-manager.pid'), 'utf8')), 'SIGKILL');
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { kubeconfigPath: join(folder, 'kubeconfig'), assets, stop };
}

/** Ports that were free a moment ago, all held at the same time so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address !== null && typeof address === 'object') ports.push(address.port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
