/** A collector of spans: an HTTP server that keeps what it is sent. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = { path: string; type: string | undefined; body: unknown };

export type SpanCollector = { url: string; received: Received[]; close(): Promise<void> };

/** @param status what every batch is answered with; `undefined`: nothing, ever */
export async function startSpanCollector(status: number | undefined = 202): Promise<SpanCollector> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      received.push({ path: request.url ?? '', type: request.headers['content-type'], body: JSON.parse(text) });
      if (status !== undefined) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
