import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ControlConfig } from '../../src/main/machine-messages.ts';

/** A whole platform starts; two seconds on a quiet machine. */
const PATIENCE_MS = 120_000;
const CONTROL = fileURLToPath(new URL('../../src/main/control.ts', import.meta.url));

let folder: string;
let control: ChildProcess;
let said: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-control-'));
  control = fork(CONTROL, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  said = '';
  control.stderr?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const config: ControlConfig = {
    dataDir: folder,
    workDir: folder,
    adminPort: 1,
    baseEnv: {},
    logLevel: 'info',
  };
  control.send(config);
});
afterEach(() => {
  control.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** The first line of its log: it has begun, and is not ready yet. */
const begun = async (): Promise<void> => void (await once(control.stderr as NodeJS.ReadableStream, 'data'));

describe('control', () => {
  const ways: Record<string, () => void> = {
    'its supervisor asks for it': () => void control.kill('SIGTERM'),
    'its supervisor is gone': () => control.disconnect(),
  };

  test.each(Object.entries(ways))(
    'ends in order while it starts, when %s',
    async (_how, end) => {
      // Not its `close`: Node leaves that out when the channel was closed from here.
      const ended = once(control, 'exit');
      const silent = once(control.stderr as NodeJS.ReadableStream, 'close');
      await begun();
      end();
      await silent;
      expect([...(await ended), said]).toEqual([0, null, expect.stringContaining('"msg":"stopping"')]);
    },
    PATIENCE_MS,
  );
});
