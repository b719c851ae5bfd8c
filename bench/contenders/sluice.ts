/** Our proxy as `sluice up` starts it: a parent, its workers, and a table that comes over the socket, compiled from Istio's resources. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compileObjects, type ObjectMemos } from '../../src/discovery/compile-objects.ts';
import { createProxyLink, type ProxyLink } from '../../src/discovery/proxy-link.ts';
import { type TableItems, tableItems } from '../../src/discovery/table-items.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { run } from '../machine/processes.ts';
import type { Contender, Surroundings } from './contender.ts';
import { meshObjects } from './mesh-objects.ts';

const ENTRY = fileURLToPath(new URL('../../src/main/proxy.ts', import.meta.url));

export type SluiceOptions = {
  /** Istio's resources to serve; those of the plain work unless told otherwise. */
  objects?: readonly KubeObject[];
  accessLog?: string;
  transport?: 'documented';
  workers?: number;
};

export type Sluice = Contender & {
  /** Serves other resources. @returns milliseconds from the compiled table until every worker serves it */
  serve(items: TableItems): Promise<number>;
  admin(path: string): Promise<string>;
};

export async function startSluice(
  name: string,
  { folder, upstreams }: Surroundings,
  { objects = meshObjects(upstreams), accessLog = 'off', transport, workers = 1 }: SluiceOptions = {},
): Promise<Sluice> {
  const dataDir = join(folder, name.replaceAll(/\W+/g, '-'));
  mkdirSync(dataDir, { recursive: true });
  const args = [
    '--data',
    dataDir,
    '--host',
    '127.0.0.1',
    '--http-port',
    '0',
    '--admin-port',
    '0',
    '--workers',
    workers,
  ];
  const proxy = run('proxy', process.execPath, [ENTRY, ...args, '--access-log', accessLog].map(String), {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...(transport !== undefined && { SLUICE_PROXY_TRANSPORT: transport }) },
  });
  const { httpPort, adminPort } = await new Promise<{ httpPort: number; adminPort: number }>((resolve, reject) => {
    if (proxy.child.stdout !== null)
      createInterface(proxy.child.stdout).once('line', (line) => resolve(JSON.parse(line)));
    proxy.child.once('exit', () => reject(new Error(`${name} ended before it listened`)));
  });
  let onServed = (): void => {};
  const link: ProxyLink<undefined> = createProxyLink<undefined>({
    socketPath: join(dataDir, 'proxy.sock'),
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    onServed: () => onServed(),
  });
  const serve = async (items: TableItems): Promise<number> => {
    const startedMs = performance.now();
    const served = new Promise<void>((resolve) => {
      onServed = resolve;
    });
    link.offer({ items, extra: undefined });
    await served;
    return performance.now() - startedMs;
  };
  await serve(compile(objects));
  return {
    name,
    port: httpPort,
    pid: proxy.pid,
    serve,
    admin: async (path) => (await fetch(`http://127.0.0.1:${adminPort}${path}`)).text(),
    async stop() {
      link.close();
      await proxy.stop();
    },
  };
}

/** Resources as items of a table, by the same steps as discovery. @param memos of the table before */
export function compile(objects: readonly KubeObject[], memos?: ObjectMemos): TableItems {
  const { table, issues } = compileObjects(objects, { role: 'sidecar', caller: {}, strict: true }, memos);
  const errors = issues.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new Error(`Resources of the benchmark must be valid: got ${JSON.stringify(errors[0])}`);
  return tableItems(table);
}
