/** The writer of the workload under strace: what it does to the disk is written down, or it is killed in the middle of that. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DiskOperation } from './disk-model.ts';

const WRITER = join(import.meta.dirname, 'workload-writer.ts');
/** Whether processes can be traced here: it needs strace, and a system that permits it. */
export const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

const CALLS = ['pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'unlink'] as const;
export type DiskCall = (typeof CALLS)[number];

/** Runs the writer and returns the last version that it acknowledged. */
async function trace(path: string, options: readonly string[], writerOptions: readonly string[] = []): Promise<number> {
  const writer = spawn('strace', [...options, process.execPath, WRITER, path, ...writerOptions]);
  let said = '';
  writer.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  await once(writer, 'close');
  return Number([...said.matchAll(/acknowledged (\d+)/g)].at(-1)?.[1] ?? 0);
}

/** Kills the writer as it makes a call for the nth time; returns what it had acknowledged. */
export function writeUntilCall(path: string, call: DiskCall, nth: number): Promise<number> {
  const kill = `inject=${call}:signal=KILL:when=${nth}`;
  return trace(path, ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', kill]);
}

/** What the writer does to the folder of `path`, in order. */
export async function recordDisk(path: string, synchronous?: string): Promise<DiskOperation[]> {
  const log = `${path}.trace`;
  const calls = [...CALLS, 'openat', 'write'].join();
  // A file per thread, so that no line is torn in two by another's; descriptors with their paths, strings whole and in hex.
  const options = ['-ff', '-y', '-xx', '-s', '1000000', '-o', log, '-e', `trace=${calls}`, '-e', 'signal=none'];
  await trace(path, options, synchronous === undefined ? [] : [synchronous]);
  const folder = join(path, '..');
  const threads = readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(path)}.trace`))
    .map((name) => readFileSync(join(folder, name), 'latin1'));
  // SQLite works in the thread that calls it.
  const writing = threads.find((lines) => lines.includes('pwrite64(')) ?? '';
  const known = new Set<string>();
  return writing.split('\n').flatMap((line) => operationOf(line, path, known));
}

function operationOf(line: string, path: string, known: Set<string>): DiskOperation[] {
  const [, call = '', text = ''] = /^(\w+)\((.*)\) += \d+(?:<.*>)?$/.exec(line) ?? [];
  const file = fileIn(text, path);
  const numbers = text.split(', ').map(Number);
  if (call === 'write') {
    const version = /^acknowledged (\d+)\n$/.exec(bytesIn(text).toString('latin1'))?.[1];
    return version === undefined ? [] : [{ is: 'acknowledged', version: Number(version) }];
  }
  if (call.endsWith('sync') && /^\d+<[^>]*>$/.test(text) && decoded(text).endsWith(`<${join(path, '..')}>`)) {
    return [{ is: 'folderSync' }];
  }
  // The index of the log is memory that processes share; it is made anew after a crash.
  if (file === undefined || file.endsWith('-shm')) return [];
  if (call === 'openat') return !text.includes('O_CREAT') || known.has(file) ? [] : [created(file, known)];
  if (call === 'pwrite64') return [{ is: 'write', file, offset: numbers.at(-1) ?? 0, bytes: bytesIn(text) }];
  if (call === 'ftruncate') return [{ is: 'truncate', file, size: numbers.at(-1) ?? 0 }];
  if (call === 'unlink' && known.delete(file)) return [{ is: 'remove', file }];
  return call.endsWith('sync') ? [{ is: 'sync', file }] : [];
}

function created(file: string, known: Set<string>): DiskOperation {
  known.add(file);
  return { is: 'create', file };
}

/** The file of the store that a call is about: it, or what SQLite keeps beside it. */
function fileIn(text: string, path: string): string | undefined {
  const name = basename(path);
  return new RegExp(`[/]${name.replaceAll('.', '\\.')}(-\\w+)?(?=[">])`).exec(decoded(text))?.[0].slice(1);
}

/** Paths may be in hex, too; contents of files are cut off, lest they be taken for one. */
function decoded(text: string): string {
  return bytesOf(text.slice(0, 2_000)).toString('latin1');
}

function bytesIn(text: string): Buffer {
  return bytesOf(/, "((?:\\x[0-9a-f]{2})*)"/.exec(text)?.[1] ?? '');
}

function bytesOf(text: string): Buffer {
  return Buffer.from(
    text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
