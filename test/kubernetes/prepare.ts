/**
 * Makes sure that the binaries of a real control plane are there before `npm run test:cluster`: builds them where Go is installed, else
 * says what is missing and how to get it.
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findAssets } from './control-plane.ts';

const HELP = `The tests against a real control plane need etcd, kube-apiserver, kube-controller-manager, kubectl and openssl.
Either set KUBEBUILDER_ASSETS to a folder that holds the first four (what setup-envtest downloads lacks the
controller manager), or install Go 1.26 or newer: they are built then, in about six minutes the first time.
`;

function prepare(): number {
  const { folder, missing } = findAssets();
  const refuse = (reason: string): number => {
    process.stderr.write(`${reason}\n${HELP}`);
    return 1;
  };
  if (!runs('openssl', 'version')) return refuse('openssl is not installed.');
  if (missing.length === 0) return 0;
  if (process.env.KUBEBUILDER_ASSETS !== undefined) {
    return refuse(`KUBEBUILDER_ASSETS (${folder}) lacks ${missing.join(', ')}.`);
  }
  if (!runs('go', 'version')) return refuse(`${folder} lacks ${missing.join(', ')}, and Go is not installed.`);
  process.stderr.write(`Building ${missing.join(', ')}\n`);
  return spawnSync(join(import.meta.dirname, 'build'), { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1;
}

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;
}

process.exitCode = prepare();
