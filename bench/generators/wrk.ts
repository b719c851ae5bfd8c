/** Load of as many requests as a proxy takes (closed loop), from wrk with one thread. */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HOST } from '../contenders/contender.ts';
import { onCore } from '../machine/processes.ts';

/** What clients ask for. */
export type Asking = {
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** Requests in turn, instead of always the same one. */
  each?: readonly { host: string; path: string }[];
};

export type Load = { requests: number; failed: number; perSecond: number };

const CONNECTIONS = 64;
const PATIENCE_SECONDS = 20;

export async function runWrk(
  port: number,
  { path, headers = {}, each }: Asking,
  { seconds, folder, connections = CONNECTIONS }: { seconds: number; folder: string; connections?: number },
): Promise<Load> {
  const fields = Object.entries({ Host: HOST, ...headers }).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const script = each === undefined ? [] : ['-s', rotation(each, folder)];
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, ...fields, ...script, `http://127.0.0.1:${port}${path}`];
  const { stdout } = await promisify(execFile)(...onCore('rest', 'wrk', args), {
    timeout: 1_000 * (PATIENCE_SECONDS + seconds),
  });
  const read = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? [];
  return {
    requests: read(/(\d+) requests in/),
    failed: read(/Non-2xx or 3xx responses: (\d+)/) + errors.map(Number).reduce((sum, count) => sum + count, 0),
    perSecond: read(/Requests\/sec:\s+([\d.]+)/),
  };
}

// The step is prime to every usual count, so that neighbours do not follow each other.
function rotation(each: readonly { host: string; path: string }[], folder: string): string {
  const path = join(folder, `rotation-${each.length}-${each[0]?.host}.lua`);
  const made = each.map(({ host, path }) => `wrk.format("GET", "${path}", { ["Host"] = "${host}" })`);
  const lines = made.map((request, index) => `  requests[${index}] = ${request}`);
  // Lua allows few constants in one function.
  const parts = Array.from(
    { length: Math.ceil(lines.length / 1_000) },
    (_, part) => `local function fill${part}()\n${lines.slice(part * 1_000, (part + 1) * 1_000).join('\n')}\nend`,
  );
  writeFileSync(
    path,
    `local requests = {}\nlocal at = 0\n${parts.join('\n')}
init = function() ${parts.map((_, part) => `fill${part}()`).join(' ')} end
request = function() at = (at + 7919) % ${each.length}; return requests[at] end\n`,
  );
  return path;
}
