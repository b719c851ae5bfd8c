/** What nginx makes of requests: it stands before Node's parser as a plain reverse proxy, and Node reads what it sends on. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ReadRequest, readingOf, sendAlone } from './node-origin.ts';

const TRIES = 200;

/** Whether nginx is installed here. */
export const hasNginx: boolean = spawnSync('nginx', ['-v']).status === 0;

/** Sends each of `requests` (Latin-1) on a connection of its own. @returns for each, the requests that nginx sees in it */
export async function readByNginx(requests: readonly string[]): Promise<ReadRequest[][]> {
  let read: ReadRequest[] = [];
  const readings: ReadRequest[][] = [];
  const origin = createServer({ maxHeaderSize: 256 * 1_024 }, async (incoming, response) => {
    read.push(await readingOf(incoming));
    response.end();
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const folder = await mkdtemp(join(tmpdir(), 'sluice-nginx-'));
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, (origin.address() as AddressInfo).port));
  const nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  try {
    await untilOpen(port);
    for (const request of requests) {
      read = [];
      await sendAlone(port, request);
      readings.push(read);
    }
  } finally {
    await ended(nginx);
    origin.closeAllConnections();
    origin.close();
    await rm(folder, { recursive: true, force: true });
  }
  return readings;
}

function configuration(folder: string, port: number, originPort: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  return `
daemon off; master_process off; pid ${folder}/pid; error_log /dev/null;
events { worker_connections 512; }
http {
  access_log off; ${temporary.join(' ')}
  large_client_header_buffers 8 128k; client_header_buffer_size 128k; merge_slashes off; ignore_invalid_headers off;
  underscores_in_headers on;
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${originPort}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_ignore_client_abort on; }
  }
}`;
}

async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilOpen(port: number): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('connect', () => socket.destroy());
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return;
    await pause(50);
  }
  throw new Error('nginx does not listen');
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
