/** A proxy parent that a test plays: a Unix socket that notes what arrives and answers what the test says. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FromProxy, Holdings, TableItem, ToProxy } from '../../src/mesh/table/handover.ts';

export type Commit = { version: number; puts: TableItem[]; removes: string[] };

export type ScriptedProxy = {
  socketPath: string;
  /** The next commit that no one has taken yet. */
  nextCommit(): Promise<Commit>;
  answer(message: FromProxy): void;
  /** Sends a line as it stands. */
  say(line: string): void;
  /** Cuts the connection. */
  cut(): void;
  /** What is said to whoever connects next. */
  hello: { version: number; holds: Holdings };
  close(): Promise<void>;
};

export async function scriptedProxy(): Promise<ScriptedProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-proxy-'));
  const socketPath = join(folder, 'proxy.sock');
  const commits: Commit[] = [];
  const takers: ((commit: Commit) => void)[] = [];
  let current: Socket | undefined;

  const server = createServer((socket) => {
    current = socket;
    socket.on('error', () => {});
    let puts: TableItem[] = [];
    let removes: string[] = [];
    createInterface({ input: socket }).on('line', (line) => {
      const message = JSON.parse(line) as ToProxy;
      if (message.type === 'put') puts.push(message.item);
      else if (message.type === 'remove') removes.push(`${message.kind}/${message.name}`);
      else {
        const commit = { version: message.version, puts, removes };
        puts = [];
        removes = [];
        const taker = takers.shift();
        if (taker === undefined) commits.push(commit);
        else taker(commit);
      }
    });
    scripted.answer({ type: 'hello', ...scripted.hello });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));

  const scripted: ScriptedProxy = {
    socketPath,
    hello: { version: 0, holds: {} },
    nextCommit() {
      const commit = commits.shift();
      return commit === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(commit);
    },
    answer(message) {
      scripted.say(JSON.stringify(message));
    },
    say(line) {
      current?.write(`${line}\n`);
    },
    cut() {
      current?.destroy();
    },
    async close() {
      current?.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return scripted;
}
