/** The admin port, on the loopback interface only: health, metrics, what is served to whom, and what may be done about it. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, SluiceError } from '../../lib/errors.ts';
import type { AdminAnswer } from './admin-answer.ts';
import { ADMIN_PAGES, type AdminSubject, adminHelp } from './admin-pages.ts';

export type AdminServer = { port: number; close(): Promise<void> };

/** @throws SluiceError SL0401 when the port cannot be bound */
export async function openAdmin(port: number, subject: AdminSubject): Promise<AdminServer> {
  const server = createServer((request, response) => {
    response.on('error', () => {});
    answer(request, subject).then(
      (made) => send(response, made),
      (thrown) => send(response, { status: 500, type: 'text/plain', body: `${messageOf(thrown)}\n` }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new SluiceError('SL0401', `Admin port ${port} cannot be bound: ${cause.message}`, { cause })),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, subject: AdminSubject): Promise<AdminAnswer> {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const page = Object.hasOwn(ADMIN_PAGES, path) ? ADMIN_PAGES[path] : undefined;
  if (page === undefined) return refusal(path === '/help' || path === '/' ? 200 : 404, adminHelp());
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method !== page.method) return refusal(405, `Must be asked with ${page.method}: got ${request.method}\n`);
  // Browsers say where a POST comes from: no page of the web may end the proxy of whoever looks at it.
  if (method === 'POST' && request.headers.origin !== undefined) return refusal(403, 'Not for web pages\n');
  return page.answer(subject, new URLSearchParams(query));
}

function refusal(status: number, body: string): AdminAnswer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function send(response: ServerResponse, { status, type, body }: AdminAnswer): void {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(body);
}
