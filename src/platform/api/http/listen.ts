/** The HTTPS listener: loopback only, HTTP/1.1 only, on the port of last time where it is still free. */

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { messageOf, SluiceError } from '../../../lib/errors.ts';
import type { ServerCertificates } from '../../certificates/server-certificates.ts';
import type { Dispatcher } from './dispatch.ts';

/** How long a client may take, in milliseconds; a connection that takes longer is closed. */
export type Patience = { headMs: number; requestMs: number; checkEveryMs: number };

/** A body has at most 3 MiB, and its sender is on this machine. */
const PATIENCE: Patience = { headMs: 10_000, requestMs: 60_000, checkEveryMs: 5_000 };

export type Listener = { port: number; close(): Promise<void> };

/**
 * @param port 0 lets the system choose
 * @throws SluiceError SL0003 when the port is taken
 */
export async function listen(
  dispatcher: Dispatcher,
  { certificates, port, patience = PATIENCE }: { certificates: ServerCertificates; port: number; patience?: Patience },
): Promise<Listener> {
  const server = createServer(
    {
      key: certificates.key,
      cert: certificates.certificate,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      keepAliveTimeout: 120_000,
      headersTimeout: patience.headMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: patience.checkEveryMs,
    },
    (request, response) => void dispatcher(request, response),
  );
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  await bound(server, port);
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) };
}

function bound(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const message = `The API server cannot listen on 127.0.0.1:${port}: ${taken ? 'the port is in use' : messageOf(error)}`;
      reject(new SluiceError('SL0003', message, { cause: error }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

/** Watches never end by themselves, so that all connections are cut. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
