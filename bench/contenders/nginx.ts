/** nginx with one worker: the reference. It adds the fields that we add, and its timeouts are armed as ours are. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, listensOn, run } from '../machine/processes.ts';
import { type Contender, HOST, type Surroundings } from './contender.ts';
import { temporaryPaths } from './upstreams.ts';

/** @param options `log`: with a JSON access log, batched as ours is */
export async function startNginx(
  name: string,
  { folder, upstreams }: Surroundings,
  { log = false } = {},
): Promise<Contender> {
  const port = await freePort();
  const file = name.replaceAll(' ', '-');
  const path = join(folder, `${file}.conf`);
  const errors = join(folder, `${file}.log`);
  const pool = (cluster: string, to: number) =>
    `upstream ${cluster} { server 127.0.0.1:${to}; keepalive 256; keepalive_requests 1000000000; }`;
  writeFileSync(
    path,
    `daemon off; worker_processes 1; pid ${folder}/${file}.pid; error_log ${errors};
     events { worker_connections 8192; }
     http { ${log ? LOG : 'access_log off;'} keepalive_requests 1000000000; ${temporaryPaths(folder)}
       ${pool('primary', upstreams.primary)} ${pool('canary', upstreams.canary)}
       split_clients "$request_id" $split { 10% canary; * primary; }
       map $http_user_type $chosen { internal canary; default $split; }
       server { listen 127.0.0.1:${port} backlog=4096; server_name ${HOST};
         location / {
           proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
           proxy_set_header X-Request-Id $request_id; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
           proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Attempt-Count 1;
           add_header X-Upstream-Service-Time $upstream_header_time;
           proxy_connect_timeout 10s; proxy_read_timeout 15s; proxy_pass http://$chosen; } } }`,
  );
  const nginx = run('proxy', 'nginx', ['-c', path, '-e', errors]);
  await listensOn(port, name, nginx);
  return { name, port, pid: nginx.pid, stop: nginx.stop };
}

const FIELDS = [
  ['start_time', 'time_iso8601'],
  ['method', 'request_method'],
  ['path', 'request_uri'],
  ['protocol', 'server_protocol'],
  ['response_code', 'status'],
  ['bytes_received', 'request_length'],
  ['bytes_sent', 'body_bytes_sent'],
  ['duration', 'request_time'],
  ['upstream_service_time', 'upstream_response_time'],
  ['x_forwarded_for', 'proxy_add_x_forwarded_for'],
  ['user_agent', 'http_user_agent'],
  ['request_id', 'request_id'],
  ['authority', 'http_host'],
  ['upstream_host', 'upstream_addr'],
  ['upstream_cluster', 'chosen'],
  ['downstream_remote_address', 'remote_addr'],
];

const LOG = `log_format line escape=json '{${FIELDS.map(([name, value]) => `"${name}":"$${value}"`).join(',')}}';
  access_log /dev/null line buffer=4k flush=100ms;`;
