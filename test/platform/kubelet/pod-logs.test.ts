import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/lib/logger.ts';
import { readLog } from '../../../src/platform/kubelet/pod-logs.ts';
import { keepLogsBounded, LOG_BYTES_MAX, rotateLog } from '../../../src/platform/kubelet/rotate-log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-logs-'));
  path = join(folder, 'main.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = (more: object = {}) => ({
  follow: false,
  clock: new FakeClock(),
  isLive: () => false,
  signal: new AbortController().signal,
  ...more,
});
const read = async (more: object = {}): Promise<string> =>
  Buffer.concat(await Array.fromAsync(readLog(path, options(more)))).toString();

describe('readLog()', () => {
  const cases: Record<string, { text: string; options: object; found: string }> = {
    'reads all': { text: 'a\nb\n', options: {}, found: 'a\nb\n' },
    'reads the last lines': { text: 'a\nb\nc\n', options: { tailLines: 2 }, found: 'b\nc\n' },
    'counts a last line without its end': { text: 'a\nb\nc', options: { tailLines: 2 }, found: 'b\nc' },
    'reads all when more lines are wanted than there are': { text: 'a\n', options: { tailLines: 9 }, found: 'a\n' },
    'reads nothing for no lines': { text: 'a\n', options: { tailLines: 0 }, found: '' },
    'reads no more bytes than allowed': { text: 'abcdef', options: { limitBytes: 3 }, found: 'abc' },
    'reads an empty file': { text: '', options: { tailLines: 3 }, found: '' },
  };
  test.each(Object.entries(cases))('%s', async (_name, { text, options: more, found }) => {
    await writeFile(path, text);
    expect(await read(more)).toBe(found);
  });

  test('finds the last lines as splitting would, whatever the lines', async () => {
    const lines = fc.array(
      fc.string({ unit: 'grapheme-ascii', maxLength: 50 }).map((line) => line.replaceAll('\n', '')),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.nat(40), async (all, tailLines) => {
        await writeFile(path, all.map((line) => `${line}\n`).join(''));
        const expected = tailLines === 0 ? [] : all.slice(-tailLines);
        expect(await read({ tailLines })).toBe(expected.map((line) => `${line}\n`).join(''));
      }),
      { numRuns: 50 },
    );
  });

  test('says that a container has not run', async () => {
    await expect(read()).rejects.toMatchObject({ code: 'SL0290' });
  });

  test('follows what is appended, also after a rotation, until the container has ended', async () => {
    await writeFile(path, 'one\n');
    const clock = new FakeClock();
    let live = true;
    const lines = readLog(path, options({ follow: true, clock, isLive: () => live }));
    const next = async (): Promise<string> => {
      const wanted = lines.next();
      let over = false;
      void wanted.finally(() => {
        over = true;
      });
      while (!over) await clock.advance(100);
      const { value } = await wanted;
      return value === undefined ? '' : Buffer.from(value).toString();
    };
    expect(await next()).toBe('one\n');
    await appendFile(path, 'two\n');
    expect(await next()).toBe('two\n');
    const rotated = next();
    await truncate(path, 0);
    await clock.advance(1_000);
    await appendFile(path, 'x\n');
    expect(await rotated).toBe('x\n');
    live = false;
    expect(await next()).toBe('');
  });

  test('ends when the reader goes away', async () => {
    await writeFile(path, '');
    const abort = new AbortController();
    const clock = new FakeClock();
    const ended = read({ follow: true, clock, isLive: () => true, signal: abort.signal });
    while (clock.pendingTimers === 0) await clock.advance(0);
    abort.abort();
    expect(await ended).toBe('');
  });
});

describe('rotateLog()', () => {
  test('leaves a log alone up to its bound, and moves it aside above', async () => {
    await writeFile(path, '12345');
    expect(await rotateLog(path, 5)).toBe(false);
    await appendFile(path, '6');
    expect(await rotateLog(path, 5)).toBe(true);
    expect([await readFile(path, 'utf8'), await readFile(`${path}.1`, 'utf8')]).toEqual(['', '123456']);
  });

  test('does not mind a log that is not there', async () => {
    expect(await rotateLog(join(folder, 'none'))).toBe(false);
  });

  test('keeps what a process goes on writing below the bound, file by file', async () => {
    const other = join(folder, 'other.log');
    const long = 'x'.repeat(LOG_BYTES_MAX + 1);
    await Promise.all([writeFile(path, long), writeFile(other, 'short')]);
    const clock = new FakeClock();
    const stop = keepLogsBounded(() => [join(folder, 'none'), path, other], { clock, logger: silentLogger });
    // The next look is planned when this one is over.
    while (clock.pendingTimers === 1) await clock.advance(1_000);
    while (clock.pendingTimers === 0) await clock.advance(0);
    stop();
    expect([await readFile(path, 'utf8'), await readFile(other, 'utf8')]).toEqual(['', 'short']);
    expect((await readFile(`${path}.1`, 'utf8')).length).toBe(long.length);
    expect(clock.pendingTimers).toBe(0);
  });
});
