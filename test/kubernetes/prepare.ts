/**
 * Makes sure that the binaries of a real control plane are there before `npm run test:cluster`: builds them where Go is installed, else
 * says what is missing and how to get it.
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { controlPlaneAssets } from './control-plane.ts';

const HELP = `The tests against a real control plane need etcd, kube-apiserver, kube-controller-manager and kubectl.
Either set KUBEBUILDER_ASSETS to a folder that holds them, or install Go 1.26 or newer and openssl, and run
\`test/kubernetes/build\` (about six minutes the first time).
`;

function prepare(): number {
  if (controlPlaneAssets() !== undefined) return 0;
  if (process.env.KUBEBUILDER_ASSETS !== undefined) {
    process.stderr.write(`KUBEBUILDER_ASSETS (${process.env.KUBEBUILDER_ASSETS}) lacks one of the binaries.\n${HELP}`);
    return 1;
  }
  if (spawnSync('go', ['version']).status !== 0) {
    process.stderr.write(`Go is not installed.\n${HELP}`);
    return 1;
  }
  return spawnSync(join(import.meta.dirname, 'build'), { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1;
}

process.exitCode = prepare();
