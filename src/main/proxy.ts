/**
 * The proxy as a process of its own: `proxy.ts --data DIR --http-port N --admin-port N --workers N --access-log FILE|stdout|off
 * --access-log-format json|text|FORMAT --access-log-size MIB`, and perhaps where spans go (tracing-arguments.ts).
 * Says `{"event":"listening",…}` on stdout when it serves connections; SIGTERM and SIGINT drain it.
 */

import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { createLogger } from '../lib/logger.ts';
import { startProxy } from '../proxy/start-proxy.ts';
import { bytesOf } from './log-size.ts';
import { PACKAGE_VERSION } from './package-version.ts';
import { TRACING_ARGUMENTS, tracingFrom } from './tracing-arguments.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '.sluice' },
    host: { type: 'string', default: '0.0.0.0' },
    'http-port': { type: 'string', default: '8080' },
    'admin-port': { type: 'string', default: '15000' },
    workers: { type: 'string', default: '1' },
    'access-log': { type: 'string', default: 'off' },
    'access-log-format': { type: 'string', default: 'json' },
    'access-log-size': { type: 'string', default: '100' },
    ...TRACING_ARGUMENTS,
  },
});

const logger = createLogger({ name: 'proxy', level: 'info', destination: pino.destination(2) });

// Registered before anything is waited for: a supervisor that goes meanwhile must not leave a proxy that nobody knows of.
let stop = (): void => process.exit(0);
process.once('SIGTERM', () => stop());
process.once('SIGINT', () => stop());
// Under `sluice up` a closed channel means that the supervisor is gone, and with it whoever restarts this process.
process.once('disconnect', () => stop());

try {
  const proxy = await startProxy({
    dataDir: values.data,
    host: values.host,
    httpPort: Number(values['http-port']),
    adminPort: Number(values['admin-port']),
    workers: Number(values.workers),
    accessLog: values['access-log'],
    accessLogFormat: values['access-log-format'],
    accessLogBytesMost: bytesOf(Number(values['access-log-size'])),
    tracing: tracingFrom(values),
    workerEntry: new URL(`./proxy-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
    env: process.env,
    clock: systemClock,
    random: Math.random,
    logger,
    version: PACKAGE_VERSION,
    onQuit: () => stop(),
  });
  stop = () => void proxy.close().finally(() => process.exit(0));
  const { httpPort, adminPort } = proxy;
  process.stdout.write(`${JSON.stringify({ event: 'listening', httpPort, adminPort })}\n`);
} catch (thrown) {
  logger.error({ err: thrown }, 'proxy cannot start');
  process.stderr.write(`${messageOf(thrown)}\n`);
  process.exitCode = 1;
}
