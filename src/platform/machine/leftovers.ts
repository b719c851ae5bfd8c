/**
 * Children of a supervisor that was killed. They notice and leave by themselves; whoever starts next on the same data folder waits
 * for that, because two of them would write one database and share one port.
 */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, delay } from '../../lib/clock.ts';
import { isRunning, type ProcessIdentity } from '../../lib/process-identity.ts';

const LOOK_EVERY_MS = 50;

/** Remembers who has to be gone before the next start. */
export function recordChildren(dataDir: string, children: readonly ProcessIdentity[]): void {
  // Renamed into place: a kill in the middle of a write must not make anybody forgotten.
  const next = join(dataDir, 'children.json.next');
  writeFileSync(next, JSON.stringify(children), { mode: 0o600 });
  renameSync(next, join(dataDir, 'children.json'));
}

/**
 * Resolves when no recorded child runs any more; kills those that are still there after `patienceMs`.
 *
 * @returns whether there were any: the platform before this one did not end in order
 */
export async function awaitLeftovers(
  dataDir: string,
  { clock, patienceMs }: { clock: Clock; patienceMs: number },
): Promise<boolean> {
  const children = recorded(dataDir);
  const until = clock.monotonicMs() + patienceMs;
  for (let left = children; left.some(isRunning); left = left.filter(isRunning)) {
    if (clock.monotonicMs() >= until) for (const { pid } of left.filter(isRunning)) kill(pid);
    await delay(clock, LOOK_EVERY_MS);
  }
  return children.length > 0;
}

function recorded(dataDir: string): ProcessIdentity[] {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'children.json'), 'utf8')) as ProcessIdentity[];
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It left between the look and the kill.
  }
}
