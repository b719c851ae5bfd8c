/** A target with a page that the test writes, on a real socket. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Exporter = {
  url: string;
  /** What the next scrapes are answered with; a number is a status without a page. */
  page: string | number;
  scrapes: number;
  close(): Promise<void>;
};

export async function startExporter(page: string | number): Promise<Exporter> {
  const server = createServer((_request, response) => {
    exporter.scrapes++;
    if (typeof exporter.page === 'number') response.writeHead(exporter.page).end();
    else response.end(exporter.page);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const exporter: Exporter = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    page,
    scrapes: 0,
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
  return exporter;
}
