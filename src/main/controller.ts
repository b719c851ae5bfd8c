/** `sluice controller`: against whichever API server it was given; of several, only the holder of the Lease works. */

import { hostname } from 'node:os';
import { pino } from 'pino';
import { EXIT } from '../cli/exit-code.ts';
import type { ControllerCommand, Surroundings } from '../cli/surroundings.ts';
import { leadController } from '../controller/lead-controller.ts';
import { createLogger } from '../lib/logger.ts';
import { createPrometheusProvider } from '../metrics/prometheus-provider.ts';
import { startHealthServer } from './health-server.ts';

/** Where a cluster's Prometheus usually is; Flagger's default too. */
const PROMETHEUS_DEFAULT = 'http://prometheus:9090';

const LEASE_NAME = 'sluice-controller';

/** Runs until it is told to stop. */
export async function controller(
  { client, prometheus, namespace, port }: ControllerCommand,
  { clock, random, signal, env }: Surroundings,
): Promise<number> {
  const logger = createLogger({ name: 'controller', level: 'info', destination: pino.destination(1) });
  const running = leadController({
    lease: {
      namespace: env.POD_NAMESPACE ?? client.target.namespace,
      // Controllers of different namespaces do not wait for each other.
      name: namespace === undefined ? LEASE_NAME : `${LEASE_NAME}-${namespace}`,
      identity: `${env.POD_NAME ?? hostname()}_${process.pid}_${Math.floor(random() * 2 ** 32).toString(16)}`,
    },
    client,
    clock,
    random,
    logger,
    ...(namespace === undefined ? {} : { namespace }),
    metricsProvider: (address) =>
      createPrometheusProvider({ address: address ?? prometheus ?? PROMETHEUS_DEFAULT, clock }),
  });
  const health = await startHealthServer(port, running.notReady);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await running.close();
  await client.close();
  health.close();
  return EXIT.ok;
}
