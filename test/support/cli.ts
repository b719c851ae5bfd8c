/** Commands run in process: what they write is kept, and they ask the API server that they are given. */

import type { Surroundings } from '../../src/cli/surroundings.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { askAdmin } from '../../src/main/ask-admin.ts';
import { FakeClock } from './fake-clock.ts';

export type Written = { out: string; err: string };

export function surroundingsAt(cwd: string, more: Partial<Surroundings> = {}): { io: Surroundings; written: Written } {
  const written: Written = { out: '', err: '' };
  const output = (key: keyof Written) => ({
    isTty: false,
    columns: 120,
    rows: 24,
    write: (text: string) => {
      written[key] += text;
    },
  });
  const refuse = () => Promise.reject(new Error('This command must not run anything'));
  const io: Surroundings = {
    env: { HOME: cwd },
    cwd,
    stdout: output('out'),
    stderr: output('err'),
    clock: new FakeClock(),
    random: () => 0,
    logger: silentLogger,
    signal: new AbortController().signal,
    version: '0.0.0',
    connect: refuse,
    up: refuse,
    demo: refuse,
    controller: refuse,
    proxy: refuse,
    explain: refuse,
    analyze: refuse,
    askAdmin,
    ...more,
  };
  return { io, written };
}
