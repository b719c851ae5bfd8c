/** What one would write first on Node: `node:http` in front, undici behind. */

import { fileURLToPath } from 'node:url';
import { freePort, listensOn, run } from '../machine/processes.ts';
import type { Contender, Surroundings } from './contender.ts';

const SERVER = fileURLToPath(new URL('./node-http-server.ts', import.meta.url));

export async function startNodeHttp(name: string, { upstreams }: Surroundings): Promise<Contender> {
  const port = await freePort();
  const args = [SERVER, port, upstreams.primary, upstreams.canary].map(String);
  const server = run('proxy', process.execPath, args);
  await listensOn(port, name, server);
  return { name, port, pid: server.pid, stop: server.stop };
}
