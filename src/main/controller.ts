/** `sluice controller`: the controller alone, against whichever API server it was given. */

import { pino } from 'pino';
import { EXIT } from '../cli/exit-code.ts';
import type { ControllerCommand, Surroundings } from '../cli/surroundings.ts';
import { startController } from '../controller/start-controller.ts';
import { createLogger } from '../lib/logger.ts';
import { createPrometheusProvider } from '../metrics/prometheus-provider.ts';
import { startHealthServer } from './health-server.ts';

/** Where a cluster's Prometheus usually is; Flagger's default too. */
const PROMETHEUS_DEFAULT = 'http://prometheus:9090';

/** Runs until it is told to stop. */
export async function controller(
  { client, prometheus, namespace, port }: ControllerCommand,
  { clock, random, signal }: Surroundings,
): Promise<number> {
  const logger = createLogger({ name: 'controller', level: 'info', destination: pino.destination(1) });
  const health = await startHealthServer(port);
  const running = startController({
    client,
    clock,
    random,
    logger,
    ...(namespace === undefined ? {} : { namespace }),
    metricsProvider: (address) =>
      createPrometheusProvider({ address: address ?? prometheus ?? PROMETHEUS_DEFAULT, clock }),
  });
  void running.synced.then(health.setReady, () => {});
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await running.close();
  await client.close();
  health.close();
  return EXIT.ok;
}
