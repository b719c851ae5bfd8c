/**
 * Requests per CPU-second of our proxy and of nginx doing the same work: host and header match, a 90/10 split, request id and
 * x-forwarded-for. One command: `node bench/proxy-vs-nginx/run.ts [ROUNDS] [SECONDS]`; needs nginx, wrk and Linux.
 *
 * Rounds are interleaved, so that what disturbs the machine disturbs both; medians are compared. CPU time is the whole process's
 * run time from `/proc/PID/task/TID/schedstat`, in nanoseconds, which includes the kernel's work on its behalf.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startProxyUnderTest } from '../../test/support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../../test/support/sample-table.ts';

const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 2);
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const children: ChildProcess[] = [];

const [upstreamPort, nginxPort] = [await freePort(), await freePort()];
const upstream = await startNginx('upstream', upstreamPort, upstreamConfig(upstreamPort));
const nginx = await startNginx('proxy', nginxPort, proxyConfig(nginxPort, upstreamPort));
const proxy = await startProxyUnderTest();
await proxy.hand(
  handing(1, [
    clusterItem('primary'),
    clusterItem('canary'),
    endpointsItem('primary', [upstreamPort]),
    endpointsItem('canary', [upstreamPort]),
    hostItem([
      {
        name: 'staff',
        match: { headers: { 'user-type': { kind: 'exact', value: 'internal' } } },
        action: forwardTo({ canary: 1 }),
      },
      { name: 'default', action: forwardTo({ primary: 90, canary: 10 }) },
    ]),
  ]),
);
const [{ pid }] = JSON.parse((await proxy.admin('/workers')).text) as [{ pid: number }];

// Proxies alone on one core, generator and upstream on another: otherwise wake-ups across cores are what is measured.
for (const id of [pid, ...childrenOf(nginx.pid as number)]) await pin(id, 1);
for (const id of [process.pid, ...childrenOf(upstream.pid as number)]) await pin(id, 0);

const figures = { sluice: [] as number[], nginx: [] as number[], ratio: [] as number[] };
await measure(proxy.httpPort, [pid], 1);
for (let round = 0; round < rounds; round++) {
  const theirs = await measure(nginxPort, childrenOf(nginx.pid as number), seconds);
  const ours = await measure(proxy.httpPort, [pid], seconds);
  figures.nginx.push(theirs);
  figures.sluice.push(ours);
  figures.ratio.push(ours / theirs);
}
process.stdout.write(
  `requests per CPU-second, medians of ${rounds} rounds of ${seconds} s\n` +
    `  nginx  ${Math.round(median(figures.nginx))}\n  sluice ${Math.round(median(figures.sluice))}\n` +
    `  ratio  ${median(figures.ratio).toFixed(2)} (${Math.min(...figures.ratio).toFixed(2)} to ${Math.max(...figures.ratio).toFixed(2)})\n`,
);
await proxy.close();
for (const child of children) child.kill('SIGTERM');
rmSync(folder, { recursive: true, force: true });

async function measure(port: number, pids: number[], forSeconds: number): Promise<number> {
  const before = cpuSeconds(pids);
  const { stdout } = await promisify(execFile)('wrk', [
    '-t1',
    '-c64',
    `-d${forSeconds}s`,
    `http://127.0.0.1:${port}/api/s`,
  ]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  return requests / (cpuSeconds(pids) - before);
}

async function pin(id: number, core: number): Promise<void> {
  await promisify(execFile)('taskset', ['-acp', String(core), String(id)]);
}

function cpuSeconds(pids: number[]): number {
  let nanoseconds = 0;
  for (const id of pids) {
    for (const task of readdirSync(`/proc/${id}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${id}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    }
  }
  return nanoseconds / 1e9;
}

function childrenOf(id: number): number[] {
  return readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').trim().split(' ').map(Number);
}

async function startNginx(name: string, port: number, http: string): Promise<ChildProcess> {
  const path = join(folder, `${name}.conf`);
  const limits = `client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};`;
  writeFileSync(
    path,
    `daemon off; worker_processes 1; pid ${join(folder, `${name}.pid`)}; error_log ${join(folder, `${name}.log`)};
     events { worker_connections 4096; } http { access_log off; keepalive_requests 1000000000; ${limits} ${http} }`,
  );
  const child = spawn('nginx', ['-c', path, '-e', join(folder, `${name}.log`)], { stdio: 'ignore' });
  children.push(child);
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries === 100) throw new Error(`nginx does not listen: ${readFileSync(join(folder, `${name}.log`), 'utf8')}`);
    await sleep(50);
  }
  return child;
}

function upstreamConfig(port: number): string {
  return `server { listen 127.0.0.1:${port}; location / { return 200 "${'x'.repeat(100)}"; } }`;
}

function proxyConfig(port: number, upstream: number): string {
  const pool = (name: string) =>
    `upstream ${name} { server 127.0.0.1:${upstream}; keepalive 256; keepalive_requests 1000000000; }`;
  return `${pool('primary')} ${pool('canary')}
    split_clients "$request_id" $split { 10% canary; * primary; }
    map $http_user_type $chosen { internal canary; default $split; }
    server { listen 127.0.0.1:${port}; location / {
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header X-Request-Id $request_id;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_pass http://$chosen; } }`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
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

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
