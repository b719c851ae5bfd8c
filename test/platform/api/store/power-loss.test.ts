/**
 * The store and a loss of power, or a kill in the middle of any system call: what was acknowledged is there, and what is there is one of
 * the states that were committed. STORE_IMAGES is how many crashes are tried, STORE_KILLS=all kills at every single call.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crashImage, type DiskOperation, type Fate } from './disk-model.ts';
import { canTrace, type DiskCall, recordDisk, writeUntilCall } from './traced-writer.ts';
import { findFault, LAST_VERSION } from './workload.ts';

const IMAGES = Number(process.env.STORE_IMAGES ?? 500);
/** Of the calls of one kind, one in so many is tried. */
const KILL_STRIDE = process.env.STORE_KILLS === 'all' ? 1 : 23;

/** What survives is computed, so that a real disk under it would only be slow. */
const MEMORY = '/dev/shm';

let folder: string;
let image: string;
beforeAll(() => {
  folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'sluice-power-'));
  image = join(folder, 'image');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(image, { recursive: true, force: true });
  mkdirSync(image);
});

if (!canTrace) process.stdout.write('Skipped: strace is not at hand, or may not trace here\n');

describe.runIf(canTrace)('a store that loses power', () => {
  let operations: DiskOperation[];
  let careless: DiskOperation[];
  beforeAll(async () => {
    for (const name of ['careful', 'careless']) mkdirSync(join(folder, name));
    operations = await recordDisk(join(folder, 'careful', 'store.db'));
    careless = await recordDisk(join(folder, 'careless', 'store.db'), 'NORMAL');
  });

  test('is recorded whole', () => {
    const kinds = new Set(operations.map(({ is }) => is));
    expect([...kinds].sort()).toEqual(
      ['acknowledged', 'create', 'folderSync', 'remove', 'sync', 'truncate', 'write'].toSorted(),
    );
    expect(acknowledgedBy(operations)).toBe(LAST_VERSION);
  });

  test('is as it was after every single operation, when nothing is lost', () => {
    const faults = operations.map((_, at) => faultAt(operations, { at, isKept: () => true }));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  test('keeps what it acknowledged when all is lost that was not synced', () => {
    const faults = operations.map((_, at) => faultAt(operations, { at, isKept: () => false }));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  test(`keeps it in ${IMAGES} crashes that lose, tear and reorder writes`, () => {
    const crash = fc.record({ at: fc.nat(operations.length - 1), seed: fc.integer(), tears: fc.boolean() });
    const law = fc.property(crash, ({ at, seed, tears }) => {
      expect(faultAt(operations, { at, isKept: fateOf(seed), tears })).toBeUndefined();
    });
    fc.assert(law, { numRuns: IMAGES });
  }, 3_600_000);

  test('would be caught losing what it acknowledged, did it not sync', () => {
    const losesAt = (at: number) => faultAt(careless, { at, isKept: () => false })?.includes('was acknowledged');
    expect(careless.some((_, at) => losesAt(at))).toBe(true);
  });

  function faultAt(
    all: readonly DiskOperation[],
    { at, isKept, tears = false }: { at: number; isKept: Fate; tears?: boolean },
  ): string | undefined {
    const before = all.slice(0, at + 1);
    rmSync(image, { recursive: true });
    mkdirSync(image);
    for (const [file, content] of crashImage(before, isKept, tears)) writeFileSync(join(image, file), content);
    return findFault(join(image, 'store.db'), acknowledgedBy(before));
  }
});

describe.runIf(canTrace)('a store that is killed', () => {
  /** How often the writer makes each call, and a few times more: then it is not killed at all. */
  const calls: Record<DiskCall, number> = { pwrite64: 215, fsync: 38, fdatasync: 1, ftruncate: 5, unlink: 3 };

  test.each(Object.entries(calls) as [DiskCall, number][])(
    'in %s keeps what it acknowledged',
    async (call, times) => {
      for (let nth = 1; nth <= times; nth += KILL_STRIDE) {
        const path = join(image, `${call}-${nth}.db`);
        const acknowledged = await writeUntilCall(path, call, nth);
        expect(`${nth}: ${findFault(path, acknowledged)}`).toBe(`${nth}: undefined`);
      }
    },
    600_000,
  );
});

function acknowledgedBy(operations: readonly DiskOperation[]): number {
  return operations.reduce((last, operation) => (operation.is === 'acknowledged' ? operation.version : last), 0);
}

/** Independent of anything else, so that a failure can be repeated from its seed (xorshift32). */
function fateOf(seed: number): Fate {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state & 0x100) !== 0;
  };
}
