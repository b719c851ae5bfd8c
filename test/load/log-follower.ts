/** Reads the access log of a load run while it grows, and tells the ledger. */

import { open } from 'node:fs/promises';
import { delay, systemClock } from '../../src/lib/clock.ts';
import type { Ledger } from './ledger.ts';

const FOLLOW_MS = 200;
const READ_BYTES = 1_024 * 1_024;

/** @returns what reads the rest, once nobody writes any more */
export function followLog(path: string, ledger: Ledger): { end(): Promise<void> } {
  let ended = false;
  const following = (async () => {
    let offset = 0;
    let pending = '';
    const buffer = Buffer.alloc(READ_BYTES);
    for (let last = false; !last; ) {
      last = ended;
      const file = await open(path, 'a+');
      for (let read = READ_BYTES; read === READ_BYTES; ) {
        ({ bytesRead: read } = await file.read(buffer, 0, READ_BYTES, offset));
        offset += read;
        const lines = (pending + buffer.toString('latin1', 0, read)).split('\n');
        pending = lines.pop() ?? '';
        for (const line of lines) tell(line, ledger);
      }
      await file.close();
      if (!last) await delay(systemClock, FOLLOW_MS);
    }
  })();
  return {
    async end() {
      ended = true;
      await following;
    },
  };
}

type Entry = {
  request_id: string;
  response_code: number;
  upstream_cluster: string | null;
  table_version: number;
  mirror: boolean;
};

function tell(line: string, ledger: Ledger): void {
  try {
    const { request_id, response_code, upstream_cluster, table_version, mirror } = JSON.parse(line) as Entry;
    const id = Number(/^load-(\d+)$/.exec(request_id)?.[1]);
    ledger.logged(id, {
      status: response_code,
      cluster: upstream_cluster ?? undefined,
      version: table_version,
      mirror,
    });
  } catch {
    ledger.complain(`a line of the log cannot be read: ${line.slice(0, 100)}`);
  }
}
