/** A real server on a free port over a temporary folder, and the plainest client there is for it. */

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { type Logger, silentLogger } from '../../../src/lib/logger.ts';
import type { KubeObject } from '../../../src/lib/resource.ts';
import type { PodLogs } from '../../../src/platform/api/api-context.ts';
import { type ApiServer, startApiServer } from '../../../src/platform/api/api-server.ts';

export type Answer = { status: number; headers: IncomingMessage['headers']; text: string; json: Json };
/** JSON as tests read it: any path may be there. */
export type Json = { [field: string]: Json } & { [index: number]: Json };
export type CallOptions = { body?: unknown; headers?: Record<string, string>; token?: string };
export type WatchLine = { type: string; object: Json };

export type Harness = {
  server: ApiServer;
  dataDir: string;
  call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
  get: (path: string) => Promise<Answer>;
  post: (path: string, body: unknown) => Promise<Answer>;
  put: (path: string, body: unknown) => Promise<Answer>;
  merge: (path: string, body: unknown) => Promise<Answer>;
  delete: (path: string, body?: unknown) => Promise<Answer>;
  watch: (path: string) => Promise<Watching>;
  /** Ends the server and starts it again over the same folder. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
};

export type Watching = { next: () => Promise<WatchLine | undefined>; close: () => void };

/** `dataDir`: where an earlier server left off; the harness removes it in the end. */
export type HarnessOptions = { dataDir?: string; clock?: Clock; podLogs?: PodLogs; logger?: Logger };

export async function startHarness({ dataDir: given, ...options }: HarnessOptions = {}): Promise<Harness> {
  const dataDir = given ?? (await mkdtemp(join(tmpdir(), 'sluice-api-')));
  const start = () =>
    startApiServer({ dataDir, clock: systemClock, random: Math.random, logger: silentLogger, ...options });
  let server = await start();
  const agent = new Agent({ keepAlive: true, ca: readFileSync(server.caPath) });

  const send = (method: string, path: string, { body, headers = {}, token = server.token }: CallOptions) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const payload =
        body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
      // Node frames the body of a DELETE only when it is told its length.
      const length = payload === undefined ? {} : { 'content-length': `${Buffer.byteLength(payload)}` };
      const all = {
        ...length,
        authorization: `Bearer ${token}`,
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      };
      const sent = request(`${server.url}${path}`, { method, agent, headers: all }, resolve);
      sent.on('error', reject);
      sent.end(payload);
    });
  const call = async (method: string, path: string, callOptions: CallOptions = {}): Promise<Answer> => {
    const response = await send(method, path, callOptions);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const isJson = response.headers['content-type']?.startsWith('application/json');
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text,
      json: (isJson ? JSON.parse(text) : {}) as Json,
    };
  };
  const watch = async (path: string): Promise<Watching> => {
    const response = await send('GET', path, {});
    const lines = createInterface({ input: response })[Symbol.asyncIterator]();
    return {
      next: async () => {
        const { value, done } = await lines.next();
        return done ? undefined : (JSON.parse(value) as WatchLine);
      },
      close: () => response.destroy(),
    };
  };
  return {
    get server() {
      return server;
    },
    dataDir,
    call,
    watch,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, { body }),
    put: (path, body) => call('PUT', path, { body }),
    merge: (path, body) => call('PATCH', path, { body, headers: { 'content-type': 'application/merge-patch+json' } }),
    delete: (path, body) => call('DELETE', path, body === undefined ? {} : { body }),
    restart: async () => {
      agent.destroy();
      await server.close();
      server = await start();
    },
    stop: async () => {
      agent.destroy();
      await server.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export const configMap = (name: string, metadata: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data: { key: 'value' },
});

export const pod = (name: string, spec: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'none', command: ['serve'] }], ...spec },
});

export const deployment = (name: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: 'none', command: ['serve'] }] },
    },
  },
});

/** A definition of `widgets.shop.example` with status and scale. */
export const widgetDefinition: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.shop.example' },
  spec: {
    group: 'shop.example',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    versions: ['v1', 'v1beta1'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
      },
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              required: ['size'],
              properties: {
                size: { type: 'integer', minimum: 1 },
                replicas: { type: 'integer' },
                colour: { type: 'string', default: 'red' },
              },
            },
            status: { type: 'object', properties: { replicas: { type: 'integer' }, phase: { type: 'string' } } },
          },
        },
      },
    })),
  },
};

export const widget = (name: string, spec: Record<string, unknown> = { size: 1 }): KubeObject => ({
  apiVersion: 'shop.example/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
});

export const DEFAULT = '/api/v1/namespaces/default';
export const WIDGETS = '/apis/shop.example/v1/namespaces/default/widgets';
export const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
