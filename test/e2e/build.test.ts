/** What the image holds: compiled JavaScript, no sources. It must start all the parts. */

import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FromUp } from '../../src/main/machine-messages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const image = mkdtempSync(join(tmpdir(), 'sluice-image-'));

beforeAll(() => {
  execFileSync(
    join(root, 'node_modules', '.bin', 'tsc'),
    ['-p', 'tsconfig.build.json', '--outDir', join(image, 'dist')],
    { cwd: root },
  );
  for (const part of ['package.json', 'bin', 'deploy'])
    cpSync(join(root, part), join(image, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(image, 'node_modules'));
});
afterAll(() => rmSync(image, { recursive: true, force: true }));

describe('the compiled program', () => {
  test('prints its version', () => {
    expect(String(execFileSync(process.execPath, [join(image, 'bin', 'sluice.cjs'), 'version']))).toMatch(/^sluice \d/);
  });

  test('starts control and proxy, and stops them', async () => {
    const args = ['up', '--data', join(image, 'data'), '--http-port', '0', '--admin-port', '0'];
    const up = fork(join(image, 'dist', 'main', 'sluice.js'), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const ready = await new Promise<FromUp>((resolve, reject) => {
      up.on('message', (message: FromUp) => {
        if (message.type === 'ready') resolve(message);
      });
      up.once('exit', (code) => reject(new Error(`up ended with ${code}`)));
    });
    expect(ready).toMatchObject({ httpUrl: expect.stringContaining('http://127.0.0.1:') });
    const gone = once(up, 'exit');
    up.kill('SIGTERM');
    expect(await gone).toEqual([0, null]);
  });
});
