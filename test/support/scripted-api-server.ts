/** An HTTPS server whose answers a test writes: real sockets and exact bytes, so that connections can be cut anywhere. */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from '../../src/kube/connect.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { TEST_CERTIFICATE, TEST_KEY } from './test-certificate.ts';

export type Received = { method: string; url: string; headers: IncomingMessage['headers']; body: string };
export type Answer = (request: Received, response: ServerResponse) => void;

export type ScriptedApiServer = {
  url: string;
  kubeconfig: string;
  requests: Received[];
  /** TCP connections accepted so far. */
  connections: number;
  client(options?: { clock?: Clock; random?: () => number }): Promise<KubeClient>;
  close(): Promise<void>;
};

export async function scriptedApiServer(answer: Answer): Promise<ScriptedApiServer> {
  const clients: KubeClient[] = [];
  const sockets = new Set<Duplex>();
  const requests: Received[] = [];
  const server = createServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, async (incoming, response) => {
    response.on('error', () => {});
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const received = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body };
    requests.push(received);
    answer(received, response);
  });
  server.on('connection', (socket) => {
    scripted.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = kubeconfigFor(url);
  const scripted: ScriptedApiServer = {
    url,
    kubeconfig,
    requests,
    connections: 0,
    async client({ clock = systemClock, random = () => 0 } = {}) {
      const client = await connect({ kubeconfigText: kubeconfig, clock, random, userAgent: 'sluice-test' });
      clients.push(client);
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return scripted;
}

/** Answers with JSON, as API servers do. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A Status, the body of every failure. */
export function failure(code: number, reason: string, details: Record<string, unknown> = {}): Record<string, unknown> {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `it is ${reason}`, details };
}

function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'test',
        cluster: { server, 'certificate-authority-data': Buffer.from(TEST_CERTIFICATE).toString('base64') },
      },
    ],
    users: [{ name: 'tester', user: { token: 'very-secret' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'tester', namespace: 'shop' } }],
    'current-context': 'test',
  });
}
