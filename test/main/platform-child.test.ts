import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SluiceError } from '../../src/lib/errors.ts';
import { watchEarlyEnds } from '../../src/main/platform-child.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sluice-child-'));
  mkdirSync(join(dataDir, 'log'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Lets a child end as often as a supervisor would start it again. */
async function giveUpAfter(program: string, starts: number): Promise<SluiceError | undefined> {
  let error: SluiceError | undefined;
  const watch = watchEarlyEnds('proxy', dataDir, (thrown) => {
    error = thrown;
  });
  for (let start = 0; start < starts; start++) {
    const child = spawn('sh', ['-c', program]);
    watch(child);
    await new Promise((resolve) => child.once('close', resolve));
  }
  return error;
}

describe('watchEarlyEnds()', () => {
  test('gives up at the fifth end, with the last words of the log', async () => {
    writeFileSync(
      join(dataDir, 'log', 'proxy.log'),
      '{"msg":"other"}\n{"msg":"cannot start","err":{"message":"no room"}}\n',
    );
    const error = await giveUpAfter('exit 3', 5);
    expect(error?.code).toBe('SL0012');
    expect(error?.message).toBe(
      `The proxy process ended 5 times before it was ready, at last with exit code 3; ${join(dataDir, 'log', 'proxy.log')} ends with: cannot start: no room`,
    );
  });

  test('keeps plain lines as they are, and names the signal', async () => {
    writeFileSync(join(dataDir, 'log', 'proxy.log'), 'Segmentation fault\n');
    const error = await giveUpAfter('kill -9 $$', 5);
    expect(error?.message).toMatch(/at last by SIGKILL; .* ends with: Segmentation fault$/);
  });

  test('has patience with four, and needs no log', async () => {
    expect(await giveUpAfter('exit 1', 4)).toBeUndefined();
    expect((await giveUpAfter('exit 1', 5))?.message).toMatch(/ends with: nothing$/);
  });
});
