/**
 * A disk that loses power: from what a program did to its files, what may be left of them. Whatever was synced is there; of what came
 * after, each write is there, is not, or is there in part, by sectors, in any order (Pillai et al., OSDI 2014). Pure.
 */

export type DiskOperation =
  | { is: 'create' | 'remove' | 'sync'; file: string }
  | { is: 'write'; file: string; offset: number; bytes: Buffer }
  | { is: 'truncate'; file: string; size: number }
  | { is: 'folderSync' }
  | { is: 'acknowledged'; version: number };

type Change = Extract<DiskOperation, { is: 'write' | 'truncate' }>;
/** One file, whatever its name: what is on disk for sure, and what may be. */
type Inode = { synced: Change[]; pending: Change[] };

/** What becomes of one thing that was not synced: answers whether it is there. */
export type Fate = () => boolean;

/** How much of a write reaches the disk or does not, in bytes. */
const SECTOR = 512;

/** @returns the files as they may be found after `operations` and a loss of power */
export function crashImage(operations: readonly DiskOperation[], isKept: Fate, tears: boolean): Map<string, Buffer> {
  /** Names as programs see them, and as they are on disk. */
  const names = new Map<string, Inode>();
  let synced = new Map<string, Inode>();
  let pending: { file: string; inode: Inode | undefined }[] = [];
  for (const operation of operations) {
    switch (operation.is) {
      case 'create':
        names.set(operation.file, { synced: [], pending: [] });
        pending.push({ file: operation.file, inode: names.get(operation.file) });
        break;
      case 'remove':
        names.delete(operation.file);
        pending.push({ file: operation.file, inode: undefined });
        break;
      case 'folderSync':
        synced = new Map(names);
        pending = [];
        break;
      case 'sync': {
        const inode = names.get(operation.file);
        inode?.synced.push(...inode.pending.splice(0));
        break;
      }
      case 'write':
      case 'truncate':
        names.get(operation.file)?.pending.push(operation);
        break;
      case 'acknowledged':
        break;
      default:
        operation satisfies never;
    }
  }
  for (const { file, inode } of pending) {
    if (!isKept()) continue;
    if (inode === undefined) synced.delete(file);
    else synced.set(file, inode);
  }
  return new Map([...synced].map(([file, inode]) => [file, contentOf(inode, isKept, tears)]));
}

function contentOf({ synced, pending }: Inode, isKept: Fate, tears: boolean): Buffer {
  const unsure = pending.flatMap((change) => (tears ? sectorsOf(change) : [change]));
  return [...synced, ...unsure.filter(isKept)].reduce(applied, Buffer.alloc(0));
}

function applied(content: Buffer, change: Change): Buffer {
  const end = change.is === 'truncate' ? change.size : change.offset + change.bytes.length;
  const size = change.is === 'truncate' ? end : Math.max(content.length, end);
  const next = Buffer.alloc(size);
  content.copy(next);
  if (change.is === 'write') change.bytes.copy(next, change.offset);
  return next;
}

function sectorsOf(change: Change): Change[] {
  if (change.is === 'truncate') return [change];
  const { offset, bytes } = change;
  const parts: Change[] = [];
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + SECTOR - ((offset + from) % SECTOR));
    parts.push({ ...change, offset: offset + from, bytes: bytes.subarray(from, to) });
    from = to;
  }
  return parts;
}
