/** Which proxy a command asks: the admin port that the command line names, that of a `sluice up` in this folder, else 15000. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { liveDataDir } from './server-choice.ts';

const ADMIN_PORT_DEFAULT = 15_000;

/** The file of a data folder in which `sluice up` says where the admin port of its proxy is. */
export const ADMIN_FILE = 'admin';

export function chooseAdmin(port: number | undefined, { cwd }: { cwd: string }): string {
  if (port !== undefined) return `http://127.0.0.1:${port}`;
  return liveAdmin(cwd) ?? `http://127.0.0.1:${ADMIN_PORT_DEFAULT}`;
}

function liveAdmin(cwd: string): string | undefined {
  const dataDir = liveDataDir(cwd);
  if (dataDir === undefined) return undefined;
  try {
    return readFileSync(join(dataDir, ADMIN_FILE), 'utf8').trim();
  } catch {
    return undefined;
  }
}
