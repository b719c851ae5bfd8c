/** Requests at a fixed rate, whatever the answers do (open loop), from h2load, which notes how long each one took. */

import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HOST } from '../contenders/contender.ts';
import { onCore } from '../machine/processes.ts';

export type FixedRate = { perSecond: number; seconds: number; folder: string };

const CONNECTIONS = 8;
/** It waits for ever for answers that do not come. */
const PATIENCE_SECONDS = 20;

/** @returns how long each request took, in milliseconds, the shortest first */
export async function runH2load(
  port: number,
  path: string,
  { perSecond, seconds, folder }: FixedRate,
): Promise<number[]> {
  const log = join(folder, `h2load-${port}.log`);
  rmSync(log, { force: true });
  const args = [
    ...[
      '--h1',
      '--threads=1',
      `--clients=${CONNECTIONS}`,
      `--requests=${perSecond * seconds}`,
      `--rps=${perSecond / CONNECTIONS}`,
    ],
    ...[`--log-file=${log}`, '-H', `:authority: ${HOST}`, `http://127.0.0.1:${port}${path}`],
  ];
  await promisify(execFile)(...onCore('rest', 'h2load', args), { timeout: 1_000 * (PATIENCE_SECONDS + seconds) });
  return readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, status]) => status === '200')
    .map(([, , micros]) => Number(micros) / 1_000)
    .sort((a, b) => a - b);
}
