import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { killStrays, POD_MARK, podMark } from '../../../src/platform/kubelet/stray-processes.ts';

const PODS = `/nowhere/${process.pid}/pods`;
let child: ChildProcess;
afterEach(() => void child.kill('SIGKILL'));

const marked = async (mark: string): Promise<number> => {
  child = spawn(process.execPath, ['-e', 'console.log(); setInterval(() => {}, 1e6)'], { env: { [POD_MARK]: mark } });
  // Once it speaks, its environment is its own and no longer that of this process.
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child.pid ?? 0;
};

test('a process of a pod that nobody knows to run is killed', async () => {
  const pid = await marked(podMark(PODS, 'lost'));
  const ended = once(child, 'exit');
  expect(killStrays(PODS, new Set(['another']))).toEqual([pid]);
  expect(await ended).toEqual([null, 'SIGKILL']);
});

const spared: Record<string, string> = {
  'a pod whose process is known': podMark(PODS, 'known'),
  'another data folder': podMark('/nowhere/else/pods', 'lost'),
  'a folder whose name begins alike': podMark(`${PODS}-2`, 'lost'),
};
test.each(Object.entries(spared))('a process of %s is spared', async (_whose, mark) => {
  await marked(mark);
  expect(killStrays(PODS, new Set(['known']))).toEqual([]);
});
