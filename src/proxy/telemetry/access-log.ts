/**
 * The access log: one JSON line per request with Istio's keys (istio.md 9.3), and three of ours: `table_version` says under
 * which routing the request was decided, `upstream_workload` who answered, `mirror` marks copies.
 */

import { pino } from 'pino';

export type AccessEntry = {
  start_time: string;
  method: string | null;
  path: string | null;
  protocol: string;
  response_code: number;
  response_flags: string;
  response_code_details: string;
  bytes_received: number;
  bytes_sent: number;
  duration: number;
  upstream_service_time: number | null;
  x_forwarded_for: string | null;
  user_agent: string | null;
  request_id: string | null;
  authority: string | null;
  upstream_host: string | null;
  upstream_cluster: string | null;
  upstream_workload: string | null;
  downstream_remote_address: string;
  route_name: string | null;
  table_version: number;
  mirror: boolean;
};

export type AccessLog = { write(entry: AccessEntry): void; close(): Promise<void> };

const BATCH_BYTES = 4_096;
/** A line is in the file after this long at most, for those who follow it. */
const FLUSH_MS = 100;

/** @param to a file to append to, `stdout`, or `off`: then there is no log */
export function openAccessLog(to: string): AccessLog | undefined {
  if (to === 'off') return undefined;
  const stream = pino.destination({
    dest: to === 'stdout' ? 1 : to,
    sync: false,
    minLength: BATCH_BYTES,
    periodicFlush: FLUSH_MS,
    mkdir: true,
    append: true,
  });
  return {
    write: (entry) => void stream.write(`${JSON.stringify(entry)}\n`),
    close: () =>
      new Promise((resolve) => {
        stream.once('close', resolve);
        stream.once('error', resolve);
        stream.end();
      }),
  };
}
