/** Answers probes: `/healthz` while the process lives, `/readyz` once it works. */

import { once } from 'node:events';
import { createServer } from 'node:http';

export type HealthServer = { setReady(): void; close(): void };

/** Listens on every address of the pod. */
export async function startHealthServer(port: number): Promise<HealthServer> {
  let isReady = false;
  const server = createServer(({ url }, response) => {
    const status = url === '/healthz' ? 200 : url === '/readyz' ? (isReady ? 200 : 503) : 404;
    response.writeHead(status, { 'content-type': 'text/plain' }).end(status === 200 ? 'ok\n' : '');
  });
  server.listen(port);
  await once(server, 'listening');
  return {
    setReady() {
      isReady = true;
    },
    close: () => server.close(),
  };
}
