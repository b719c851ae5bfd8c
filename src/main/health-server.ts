/** Answers probes: `/healthz` while the process lives, `/readyz` once it works; until then its body says what is missing. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HealthServer = { port: number; close(): void };

/**
 * Listens on every address of the pod.
 *
 * @param notReady why the process cannot work yet, in words; `undefined` when it can
 */
export async function startHealthServer(port: number, notReady: () => string | undefined): Promise<HealthServer> {
  const server = createServer(({ url }, response) => {
    const problem = url === '/readyz' ? notReady() : undefined;
    const isKnown = url === '/healthz' || url === '/readyz';
    const status = problem !== undefined ? 503 : isKnown ? 200 : 404;
    response.writeHead(status, { 'content-type': 'text/plain' }).end(isKnown ? `${problem ?? 'ok'}\n` : '');
  });
  server.listen(port);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => server.close(),
  };
}
