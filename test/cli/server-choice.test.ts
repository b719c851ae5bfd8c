import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN_FILE, chooseAdmin } from '../../src/cli/admin-choice.ts';
import { chooseServer } from '../../src/cli/server-choice.ts';
import { identityOf } from '../../src/lib/process-identity.ts';

let home: string;
let cwd: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-home-'));
  cwd = mkdtempSync(join(tmpdir(), 'sluice-cwd-'));
});
afterEach(() => {
  for (const folder of [home, cwd]) rmSync(folder, { recursive: true, force: true });
});

function runUp(identity: unknown): void {
  mkdirSync(join(cwd, '.sluice'));
  writeFileSync(join(cwd, '.sluice', 'lock'), JSON.stringify(identity));
  writeFileSync(join(cwd, '.sluice', 'kubeconfig'), '');
}
function writeDefaultKubeconfig(): void {
  mkdirSync(join(home, '.kube'));
  writeFileSync(join(home, '.kube', 'config'), '');
}

describe('chooseServer()', () => {
  test('obeys the flag before everything else', () => {
    runUp(identityOf(process.pid));
    expect(chooseServer({ kubeconfig: '/mine' }, { env: { KUBECONFIG: '/other', HOME: home }, cwd })).toEqual({
      kubeconfigPath: '/mine',
      because: 'flag',
    });
  });

  test('leaves KUBECONFIG to the client, which merges its list', () => {
    runUp(identityOf(process.pid));
    expect(chooseServer({}, { env: { KUBECONFIG: '/a:/b', HOME: home }, cwd })).toEqual({ because: 'KUBECONFIG' });
  });

  test('prefers a living `sluice up` of this folder to the default kubeconfig', () => {
    runUp(identityOf(process.pid));
    writeDefaultKubeconfig();
    expect(chooseServer({}, { env: { HOME: home }, cwd })).toEqual({
      kubeconfigPath: join(cwd, '.sluice', 'kubeconfig'),
      because: 'sluice up',
    });
  });

  test('passes over a `sluice up` that is dead', () => {
    runUp({ pid: process.pid, startTime: '1' });
    writeDefaultKubeconfig();
    expect(chooseServer({}, { env: { HOME: home }, cwd }).because).toBe('default kubeconfig');
  });

  test('says where it looked when there is nothing', () => {
    expect(() => chooseServer({}, { env: { HOME: home }, cwd })).toThrow('No API server was found');
  });
});

describe('the proxy that a command asks', () => {
  test('is the one that the command line names', () => {
    expect(chooseAdmin(15_001, { cwd })).toBe('http://127.0.0.1:15001');
  });

  test('is that of a live `sluice up` in this folder', () => {
    runUp(identityOf(process.pid));
    writeFileSync(join(cwd, '.sluice', ADMIN_FILE), 'http://127.0.0.1:4711\n');
    expect(chooseAdmin(undefined, { cwd })).toBe('http://127.0.0.1:4711');
  });

  test('is at port 15000 where nobody says', () => {
    expect(chooseAdmin(undefined, { cwd })).toBe('http://127.0.0.1:15000');
  });
});
