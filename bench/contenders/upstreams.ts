/** The servers behind every contender: one nginx with several ports, cheap enough not to be what is measured. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, listensOn, run } from '../machine/processes.ts';

export type Upstreams = { primary: number; canary: number; more: readonly number[]; stop(): Promise<void> };

export const SMALL = '/api/s';
export const LARGE = '/api/l';

export async function startUpstreams(folder: string): Promise<Upstreams> {
  const ports = await Promise.all(Array.from({ length: 4 }, freePort));
  const [primary = 0, canary = 0, ...more] = ports;
  const listen = ports.map((port) => `listen 127.0.0.1:${port} backlog=4096;`).join(' ');
  const path = join(folder, 'upstreams.conf');
  const large = join(folder, 'large.txt');
  writeFileSync(large, 'x'.repeat(10_240));
  const log = join(folder, 'upstreams.log');
  writeFileSync(
    path,
    `daemon off; worker_processes 1; pid ${folder}/upstreams.pid; error_log ${log};
     events { worker_connections 8192; }
     http { access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; ${temporaryPaths(folder)}
       server { ${listen}
         location = ${LARGE} { default_type text/plain; alias ${large}; }
         location / { return 200 "${'x'.repeat(100)}"; } } }`,
  );
  const nginx = run('rest', 'nginx', ['-c', path, '-e', log]);
  await listensOn(primary, 'nginx as upstream', nginx);
  return { primary, canary, more, stop: nginx.stop };
}

/** nginx wants these even where it never uses them. */
export function temporaryPaths(folder: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return kinds.map((kind) => `${kind}_temp_path ${folder};`).join(' ');
}
