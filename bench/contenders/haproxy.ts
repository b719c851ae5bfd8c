/** HAProxy with one thread. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, listensOn, run } from '../machine/processes.ts';
import { type Contender, HOST, type Surroundings } from './contender.ts';

export async function startHaproxy(name: string, { folder, upstreams }: Surroundings): Promise<Contender> {
  const port = await freePort();
  const path = join(folder, `${name}.cfg`);
  writeFileSync(
    path,
    `global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout client 1h
  timeout connect 10s
  timeout server 15s
  timeout http-keep-alive 1h
  http-reuse always
  option forwardfor
frontend in
  bind 127.0.0.1:${port} backlog 4096
  http-request set-header X-Request-Id %[uuid()]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Attempt-Count 1
  acl web hdr(host) -i ${HOST}
  acl staff hdr(user-type) internal
  use_backend canary if web staff
  use_backend split if web
backend split
  balance static-rr
  server primary 127.0.0.1:${upstreams.primary} weight 90 pool-max-conn -1
  server canary 127.0.0.1:${upstreams.canary} weight 10 pool-max-conn -1
backend canary
  server canary 127.0.0.1:${upstreams.canary} pool-max-conn -1
`,
  );
  const haproxy = run('proxy', 'haproxy', ['-db', '-f', path]);
  await listensOn(port, name, haproxy);
  return { name, port, pid: haproxy.pid, stop: haproxy.stop };
}
