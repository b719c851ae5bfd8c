/** The two servers that are compared: a real kube-apiserver, and the embedded one; both without anything that changes objects. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Agent, request } from 'undici';
import { systemClock } from '../../../src/lib/clock.ts';
import { startApiServer } from '../../../src/platform/api/api-server.ts';
import { startControlPlane } from '../control-plane.ts';

export type ApiRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  contentType?: string;
  accept?: string;
};

export type ApiAnswer = { status: number; body: unknown };

export type Side = { name: 'real' | 'ours'; kubeconfigPath: string; send(request: ApiRequest): Promise<ApiAnswer> };

export type ApiPair = { real: Side; ours: Side; kubectl: string; stop(): Promise<void> };

export async function startApiPair(): Promise<ApiPair> {
  const plane = await startControlPlane({ controllers: false });
  const folder = await mkdtemp(join(tmpdir(), 'sluice-api-differential-'));
  const embedded = await startApiServer({
    dataDir: folder,
    clock: systemClock,
    random: Math.random,
    logger: pino({ level: 'silent' }),
  });
  const kubeconfig = await readFile(plane.kubeconfigPath, 'utf8');
  const server = /server: "([^"]+)"/.exec(kubeconfig)?.[1] ?? '';
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  const side = (name: Side['name'], url: string, token: string, kubeconfigPath: string): Side => ({
    name,
    kubeconfigPath,
    send: (message) => send(agent, { url, token, message }),
  });
  return {
    real: side('real', server, 'admin-token', plane.kubeconfigPath),
    ours: side('ours', embedded.url, embedded.token, embedded.kubeconfigPath),
    kubectl: join(plane.assets, 'kubectl'),
    stop: async () => {
      await agent.close();
      await embedded.close();
      await plane.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Sending = { url: string; token: string; message: ApiRequest };

async function send(agent: Agent, { url, token, message }: Sending): Promise<ApiAnswer> {
  const { method, path, body, contentType = 'application/json', accept = 'application/json' } = message;
  const raw = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const answer = await request(`${url}${path}`, {
    method,
    dispatcher: agent,
    headers: {
      authorization: `Bearer ${token}`,
      accept,
      ...(body === undefined ? {} : { 'content-type': contentType }),
    },
    ...(body === undefined ? {} : { body: raw }),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
