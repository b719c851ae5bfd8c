/**
 * The control process of one machine: API server, runtime, metrics store, discovery, controller. They are wired here and reach each
 * other through the API server's HTTP interface only, as they would in a cluster.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { parse } from 'yaml';
import { startController } from '../controller/start-controller.ts';
import { startDiscovery } from '../discovery/start-discovery.ts';
import { applyObject } from '../kube/apply.ts';
import { connect } from '../kube/connect.ts';
import { watchFolder } from '../kube/folder/watch-folder.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { CUSTOM_RESOURCE_DEFINITION, POD } from '../kube/resource-types.ts';
import { createWatchCache } from '../kube/watch-cache.ts';
import { systemClock as clock } from '../lib/clock.ts';
import { messageOf, SluiceError } from '../lib/errors.ts';
import { createLogger, type Logger } from '../lib/logger.ts';
import type { KubeObject } from '../lib/resource.ts';
import { createPrometheusProvider } from '../metrics/prometheus-provider.ts';
import type { PodLogs } from '../platform/api/api-context.ts';
import { startApiServer } from '../platform/api/api-server.ts';
import { startControllers } from '../platform/controllers/start-controllers.ts';
import { startKubelet } from '../platform/kubelet/start-kubelet.ts';
import { type MetricsStore, startMetricsStore } from '../platform/metrics-store/metrics-store.ts';
import { podTargets } from '../platform/metrics-store/pod-targets.ts';
import type { ControlConfig, FromControl } from './machine-messages.ts';

const NODE_NAME = 'sluice';
const CRDS = fileURLToPath(new URL('../../deploy/crds', import.meta.url));
const random = Math.random;

const tell = (message: FromControl): void => {
  if (process.connected) process.send?.(message);
};

process.once('message', (config: ControlConfig) => {
  const logger = createLogger({
    name: 'control',
    level: config.logLevel,
    destination: pino.destination({ dest: 2, sync: true }),
  });
  run(config, logger).catch((thrown: unknown) => {
    logger.fatal({ error: messageOf(thrown) }, 'control cannot start');
    tell({
      type: 'failed',
      message: messageOf(thrown),
      ...(thrown instanceof SluiceError ? { code: thrown.code } : {}),
    });
    process.exit(1);
  });
});

async function run(config: ControlConfig, logger: Logger): Promise<void> {
  const { dataDir } = config;
  const part = (name: string): Logger => logger.child({ part: name });
  // Nothing runs yet that would have to be stopped in order; what is stored survives any end.
  let stop = async (_stopPods: boolean): Promise<void> => process.exit(0);
  const stopOrDie = (stopPods: boolean): void => {
    stop(stopPods).catch((thrown: unknown) => {
      logger.fatal({ error: messageOf(thrown) }, 'control cannot stop in order');
      process.exit(1);
    });
  };
  process.on('SIGTERM', () => stopOrDie(true));
  // The supervisor is gone: pods stay, to be adopted by the next `sluice up`.
  process.on('disconnect', () => stopOrDie(false));

  const logs = deferredLogs();
  const api = await openApi(config, { logger: part('api'), podLogs: logs.read });
  const client = await connect({ kubeconfigPath: api.kubeconfigPath, clock, userAgent: 'sluice/control', random });
  await installCrds(client);
  const store = await startMetricsStore({ port: 0, clock, random, logger: part('metrics') });

  // From here to `stop` nothing waits, so that whatever has begun can be stopped.
  const common = { client, clock, random };
  const discovery = startDiscovery({ ...common, socketPath: join(dataDir, 'proxy.sock'), logger: part('discovery') });
  const controllers = api.hasControllers ? undefined : startControllers({ ...common, logger: part('controllers') });
  const kubelet = startKubelet({
    ...common,
    dataDir,
    nodeName: NODE_NAME,
    workDir: config.workDir,
    baseEnv: config.baseEnv,
    acknowledged: discovery.acknowledgedWithout,
    logger: part('kubelet'),
  });
  logs.provide(kubelet.podLogs);
  const targets = followTargets(client, store, { config, logger: part('targets') });
  const controller = startController({
    ...common,
    logger: part('controller'),
    metricsProvider: (address) =>
      createPrometheusProvider({ address: address ?? config.prometheus ?? store.url, clock }),
  });
  const folder = new AbortController();
  const watching =
    config.manifests === undefined
      ? Promise.resolve()
      : watchFolder({
          dir: config.manifests,
          ...common,
          logger: part('folder'),
          signal: folder.signal,
          onReport: ({ text }) => tell({ type: 'report', text }),
        }).catch((thrown: unknown) => {
          // A folder that went away while this process was down disturbs nothing that is applied already.
          logger.error({ error: messageOf(thrown) }, 'manifests are not watched');
          tell({ type: 'report', text: `The manifests are not watched: ${messageOf(thrown)}` });
        });

  let stopping = false;
  stop = onceOnly(async (stopPods: boolean) => {
    stopping = true;
    logger.info({ stopPods }, 'stopping');
    folder.abort();
    await watching;
    await controller.close();
    await kubelet.close({ stopPods });
    await controllers?.close();
    targets.close();
    await discovery.close();
    await store.close();
    await client.close();
    await api.close();
    process.exit(0);
  });

  try {
    await Promise.all([discovery.synced, controllers?.synced, kubelet.synced, controller.synced]);
  } catch (thrown) {
    // What is stopped before it was ready says so; the stop goes on to its end.
    if (stopping) return;
    throw thrown;
  }
  tell({ type: 'ready', kubeconfigPath: api.kubeconfigPath, apiUrl: client.target.server, metricsUrl: store.url });
}

type Api = { kubeconfigPath: string; hasControllers: boolean; close(): Promise<void> };

/** The embedded API server, or the one that runs elsewhere and brings its own controllers. */
async function openApi(
  { apiServer, dataDir }: ControlConfig,
  { logger, podLogs }: { logger: Logger; podLogs: PodLogs },
): Promise<Api> {
  if (apiServer !== undefined) return { kubeconfigPath: apiServer, hasControllers: true, close: async () => {} };
  // The next process looks at what the disk really holds; this one would serve what it remembers.
  const onStoreFailure = () => process.exit(1);
  const api = await startApiServer({ dataDir, clock, random, logger, podLogs, onStoreFailure });
  return { kubeconfigPath: api.kubeconfigPath, hasControllers: false, close: () => api.close() };
}

async function installCrds(client: KubeClient): Promise<void> {
  for (const name of readdirSync(CRDS)) {
    const crd = parse(readFileSync(join(CRDS, name), 'utf8')) as KubeObject;
    await applyObject(client, CUSTOM_RESOURCE_DEFINITION, crd, { fieldManager: 'sluice', force: true });
  }
}

/** The proxy is always scraped; pods that ask for it are, too. */
function followTargets(
  client: KubeClient,
  store: MetricsStore,
  { config, logger }: { config: ControlConfig; logger: Logger },
): { close(): void } {
  const proxy = { url: `http://127.0.0.1:${config.adminPort}/metrics`, labels: { job: 'sluice-proxy' } };
  const pods = createWatchCache(client, POD, { clock, random, logger });
  const update = (): void => store.setTargets([proxy, ...podTargets([...pods.list()])]);
  update();
  pods.onChange(update);
  return { close: () => pods.close() };
}

/** The API server is there before the kubelet whose logs it serves. */
function deferredLogs(): { read: PodLogs; provide(logs: PodLogs): void } {
  const provided = Promise.withResolvers<PodLogs>();
  return {
    async *read(ref, options, signal) {
      yield* (await provided.promise)(ref, options, signal);
    },
    provide: provided.resolve,
  };
}

function onceOnly<A>(run: (argument: A) => Promise<void>): (argument: A) => Promise<void> {
  let running: Promise<void> | undefined;
  return (argument) => (running ??= run(argument));
}
