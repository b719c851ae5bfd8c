/** Takes tables over `proxy.sock` (protocol: mesh/table/handover.ts). What is wrong is refused with the reason; the old table stays. */

import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { messageOf } from '../../lib/errors.ts';
import { type FromProxy, holdingKey, type TableItem, type TableItemKind } from '../../mesh/table/handover.ts';
import type { TableChange } from '../served-table.ts';
import { holdingsOf, type StoredTable } from './stored-table.ts';
import { parseHandoverMessage, parseTableItem } from './table-item.schema.ts';

export type HandoverTarget = {
  readonly table: StoredTable;
  /** @returns why the change is refused */
  apply(change: TableChange): Promise<string | undefined>;
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
        void commit(committed, version, target).then((reason) =>
          say(reason === undefined ? { type: 'accepted', version } : { type: 'refused', version, reason }),
        );
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
  return { puts: new Map(), removes: new Map(), faults: [] };
}

function stagePut(staged: Staged, input: unknown): void {
  const parsed = parseTableItem(input);
  if (!parsed.ok) {
    staged.faults.push(parsed.reason);
    return;
  }
  const key = holdingKey(parsed.item.kind, parsed.item.name);
  staged.removes.delete(key);
  staged.puts.set(key, parsed.item);
}

async function commit(
  { puts, removes, faults }: Staged,
  version: number,
  target: HandoverTarget,
): Promise<string | undefined> {
  if (faults.length > 0) return faults.join('; ');
  try {
    return await target.apply({ version, puts: [...puts.values()], removes: [...removes.values()] });
  } catch (thrown) {
    return messageOf(thrown);
  }
}
