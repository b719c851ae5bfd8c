/** `sluice proxy` on a folder, as a process on free ports. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type ProxyProcess = {
  port: number;
  /** URL of the admin port. */
  admin: string;
  /** What was written to standard error: warnings and errors about resources, and later findings. */
  findings(): string;
  /** Resolves when the next table is served. */
  nextTable(): Promise<void>;
  close(): Promise<void>;
};

const SLUICE = fileURLToPath(new URL('../../src/main/sluice.ts', import.meta.url));

/** Resolves when the folder is served. */
export async function startProxyProcess(folder: string, args: readonly string[] = []): Promise<ProxyProcess> {
  const options = [...(args.includes('--port') ? [] : ['--port', '0']), '--admin', '127.0.0.1:0', ...args];
  const child = spawn(process.execPath, [SLUICE, 'proxy', '-f', folder, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const listening = Promise.withResolvers<number>();
  const administered = Promise.withResolvers<string>();
  let table = Promise.withResolvers<void>();
  child.once('exit', (code) => listening.reject(new Error(`The proxy ended with ${code}: ${told}`)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, port] = /^Listening on \S+:(\d+):/.exec(line) ?? [];
    if (port !== undefined) listening.resolve(Number(port));
    const [, admin] = /^Admin on (\S+)$/.exec(line) ?? [];
    if (admin !== undefined) administered.resolve(admin);
    if (!line.startsWith('Serving table')) return;
    table.resolve();
    table = Promise.withResolvers<void>();
  });
  const first = table.promise;
  const port = await listening.promise;
  await first;
  return {
    port,
    admin: await administered.promise,
    findings: () => told,
    nextTable: () => table.promise,
    async close() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}
