/** Takes tables over `proxy.sock` (protocol: mesh/table/handover.ts). What is wrong is refused with the reason; the old table stays. */

import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { messageOf } from '../../lib/errors.ts';
import {
  type FromProxy,
  holdingKey,
  type SkippedHost,
  type TableItem,
  type TableItemKind,
} from '../../mesh/table/handover.ts';
import type { TableChange } from '../prepare-change.ts';
import { holdingsOf, type StoredTable } from './stored-table.ts';
import { parseHandoverMessage, parseTableItem } from './table-item.schema.ts';

export type RefusedTable = { version: number; reason: string };

export type HandoverTarget = {
  readonly table: StoredTable;
  /** The table that was offered last, if it was refused. */
  refused?: RefusedTable | undefined;
  /** @returns why the change is refused, or the virtual hosts that it left out */
  apply(change: TableChange): Promise<string | readonly SkippedHost[]>;
};

/** Listens on the socket file, replacing one that a dead proxy left behind. */
export async function openHandover(path: string, target: HandoverTarget): Promise<{ close(): Promise<void> }> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, target);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

type Staged = {
  puts: Map<string, TableItem>;
  removes: Map<string, { kind: TableItemKind; name: string }>;
  skipped: SkippedHost[];
  faults: string[];
};

function serve(socket: Socket, target: HandoverTarget): void {
  const say = (message: FromProxy) => void (socket.writable && socket.write(`${JSON.stringify(message)}\n`));
  let staged = nothingStaged();
  socket.on('error', () => {});
  say({ type: 'hello', version: target.table.version, holds: holdingsOf(target.table) });

  const take = (line: string) => {
    const message = parseHandoverMessage(line);
    switch (message.type) {
      case 'put':
        return stagePut(staged, message.item);
      case 'remove': {
        const key = holdingKey(message.kind, message.name);
        staged.puts.delete(key);
        staged.removes.set(key, { kind: message.kind, name: message.name });
        return;
      }
      case 'commit': {
        const { version } = message;
        const committed = staged;
        staged = nothingStaged();
        void commit(committed, version, target).then((answer) => {
          target.refused = answer.type === 'refused' ? { version, reason: answer.reason } : undefined;
          say(answer);
        });
        return;
      }
      default:
        return message satisfies never;
    }
  };

  createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    try {
      take(line);
    } catch (thrown) {
      staged.faults.push(messageOf(thrown));
    }
  });
}

function nothingStaged(): Staged {
  return { puts: new Map(), removes: new Map(), skipped: [], faults: [] };
}

function stagePut(staged: Staged, input: unknown): void {
  const parsed = parseTableItem(input);
  if (!parsed.ok) {
    const name = nameOfHost(input);
    if (name === undefined) staged.faults.push(parsed.reason);
    else staged.skipped.push({ name, reason: parsed.reason });
    return;
  }
  const key = holdingKey(parsed.item.kind, parsed.item.name);
  staged.removes.delete(key);
  staged.puts.set(key, parsed.item);
}

function nameOfHost(input: unknown): string | undefined {
  const { kind, name } = input as Partial<TableItem>;
  return kind === 'virtualHost' && typeof name === 'string' && name !== '' ? name : undefined;
}

async function commit(
  { puts, removes, skipped, faults }: Staged,
  version: number,
  target: HandoverTarget,
): Promise<FromProxy> {
  const refused = (reason: string): FromProxy => ({ type: 'refused', version, reason });
  if (faults.length > 0) return refused(faults.join('; '));
  try {
    const answer = await target.apply({ version, puts: [...puts.values()], removes: [...removes.values()] });
    if (typeof answer === 'string') return refused(answer);
    const all = [...skipped, ...answer];
    return all.length === 0 ? { type: 'accepted', version } : { type: 'accepted', version, skipped: all };
  } catch (thrown) {
    return refused(messageOf(thrown));
  }
}
