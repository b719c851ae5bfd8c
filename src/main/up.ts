/** `sluice up`: takes the data folder and the ports, and keeps its two children running: control and proxy. */

import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { ADMIN_FILE } from '../cli/admin-choice.ts';
import type { UpCommand } from '../cli/commands/up.ts';
import { EXIT } from '../cli/exit-code.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { type ErrorCode, SluiceError } from '../lib/errors.ts';
import { createLogger } from '../lib/logger.ts';
import { identityOf } from '../lib/process-identity.ts';
import { keepLogsBounded } from '../platform/kubelet/rotate-log.ts';
import { takeDataLock } from '../platform/machine/data-lock.ts';
import { awaitLeftovers, recordChildren } from '../platform/machine/leftovers.ts';
import { awaitPort } from '../platform/machine/port-probe.ts';
import { type SupervisedChild, supervise } from '../platform/machine/supervisor.ts';
import type { ControlConfig, FromControl, FromUp } from './machine-messages.ts';
import { forkChild, watchEarlyEnds } from './platform-child.ts';
import { tracingArguments } from './tracing-arguments.ts';

const HOST = '127.0.0.1';
/** Pods get their own grace period on top of this before control is killed. */
const CONTROL_PATIENCE_MS = 60_000;
const PROXY_PATIENCE_MS = 15_000;
const LEFTOVER_PATIENCE_MS = 10_000;

/** What a pod inherits; everything else of the environment stays here. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'] as const;

type Ready = { control: Extract<FromControl, { type: 'ready' }>; httpPort: number; adminPort: number };

/** Runs until Ctrl-C or SIGTERM. */
export async function up(command: UpCommand, surroundings: Surroundings): Promise<number> {
  const dataDir = resolve(surroundings.cwd, command.dataDir);
  refuseAbsent(command, surroundings);
  const lock = takeDataLock(dataDir);
  // The platform lives as long as this handle does; timers alone keep no process alive here.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    return await run({ ...command, dataDir }, surroundings);
  } finally {
    clearInterval(alive);
    lock.release();
  }
}

/** Said before anything is started, or even created. */
function refuseAbsent({ manifests, apiServer }: UpCommand, { cwd }: Surroundings): void {
  if (manifests !== undefined && !existsSync(resolve(cwd, manifests)))
    throw new SluiceError('SL0120', `There is no file or folder ${manifests}`);
  if (apiServer !== undefined && !existsSync(resolve(cwd, apiServer)))
    throw new SluiceError('SL0100', `There is no kubeconfig ${apiServer}`);
}

async function run(command: UpCommand, surroundings: Surroundings): Promise<number> {
  const { clock, random, signal } = surroundings;
  const { dataDir } = command;
  const wasKilled = await awaitLeftovers(dataDir, { clock, patienceMs: LEFTOVER_PATIENCE_MS });
  // Workers of a proxy that was killed serve on for a moment, and are recorded nowhere.
  const patience = { clock, patienceMs: wasKilled ? LEFTOVER_PATIENCE_MS : 0 };
  const httpPort = await awaitPort({ host: HOST, port: command.httpPort, option: '--http-port' }, patience);
  const adminPort = await awaitPort({ host: HOST, port: command.adminPort, option: '--admin-port' }, patience);
  mkdirSync(join(dataDir, 'log'), { recursive: true });
  const logger = createLogger({
    name: 'up',
    level: command.logLevel,
    destination: pino.destination({ dest: join(dataDir, 'log', 'up.log'), sync: true }),
  });
  const tell = (message: FromUp): void => {
    if (process.connected) process.send?.(message);
    if (message.type === 'report') surroundings.stdout.write(`${message.text}\n`);
  };
  const started = Promise.withResolvers<Ready['control']>();
  const listening = Promise.withResolvers<void>();
  const children: SupervisedChild[] = [];
  const remember = (): void =>
    recordChildren(
      dataDir,
      // Both keep their places: one whose start cannot be read in this moment is named without it.
      children.map(({ pid = 0 }) => identityOf(pid) ?? { pid, startTime: '' }),
    );
  const options = { clock, random, logger };
  const logFiles = ['up', 'control', 'proxy'].map((name) => join(dataDir, 'log', `${name}.log`));
  const stopRotation = keepLogsBounded(() => logFiles, options);
  const ports = { ...command, httpPort, adminPort };

  const watchControl = watchEarlyEnds('control', dataDir, started.reject);
  const watchProxy = watchEarlyEnds('proxy', dataDir, listening.reject);
  const startControl = (): ChildProcess => {
    const child = forkChild('control', [], { dataDir, stdout: 'log' });
    watchControl(child);
    child.send(controlConfig(ports, surroundings));
    child.on('message', (message: FromControl) => {
      if (message.type === 'ready') started.resolve(message);
      else if (message.type === 'report') tell(message);
      else started.reject(new SluiceError((message.code ?? 'SL0005') as ErrorCode, message.message));
    });
    setImmediate(remember);
    return child;
  };
  const startProxy = (): ChildProcess => {
    const child = forkChild('proxy', proxyArguments(ports), { dataDir, stdout: 'pipe' });
    watchProxy(child);
    if (child.stdout !== null) createInterface(child.stdout).once('line', () => listening.resolve());
    setImmediate(remember);
    return child;
  };

  const keep = (name: 'control' | 'proxy', start: () => ChildProcess, stopPatienceMs: number): void => {
    const log = relative(surroundings.cwd, join(dataDir, 'log', `${name}.log`));
    const onEnd = (how: string): void =>
      tell({ type: 'report', text: `${name} ended (${how}) and is started again; its log is ${log}` });
    children.push(supervise({ name, start, stopPatienceMs, onEnd }, options));
  };
  keep('control', startControl, CONTROL_PATIENCE_MS);
  keep('proxy', startProxy, PROXY_PATIENCE_MS);
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  try {
    const ready = await Promise.race([Promise.all([started.promise, listening.promise]), aborted]);
    if (ready !== 'aborted') {
      announce({ control: ready[0], httpPort, adminPort }, command, { surroundings, tell });
      await aborted;
      tell({ type: 'report', text: 'Stopping: the proxy finishes its requests, then the pods are stopped' });
    }
    return EXIT.ok;
  } finally {
    const [control, proxy] = children;
    await proxy?.stop();
    await control?.stop();
    recordChildren(dataDir, []);
    stopRotation();
    if (signal.aborted) tell({ type: 'report', text: 'Stopped' });
  }
}

function announce(
  { control, httpPort, adminPort }: Ready,
  { dataDir, manifests, prometheus }: UpCommand,
  { surroundings, tell }: { surroundings: Surroundings; tell: (message: FromUp) => void },
): void {
  const httpUrl = `http://${HOST}:${httpPort}`;
  const adminUrl = `http://${HOST}:${adminPort}`;
  const { kubeconfigPath, apiUrl, metricsUrl } = control;
  const kubeconfig = relative(surroundings.cwd, kubeconfigPath) || kubeconfigPath;
  writeFileSync(join(dataDir, ADMIN_FILE), `${adminUrl}\n`);
  tell({ type: 'ready', kubeconfigPath, apiUrl, httpUrl, adminUrl, metricsUrl });
  const rows = [
    ['services', `${httpUrl}  by Host: NAME.localhost, NAME.NAMESPACE.localhost`],
    ['API server', `${apiUrl}  kubectl --kubeconfig ${kubeconfig} get canaries`],
    ['proxy admin', `${adminUrl}  /metrics /routes /clusters /healthz /readyz`],
    ['metrics', prometheus ?? `${metricsUrl}  Prometheus' HTTP API`],
    ...(manifests === undefined ? [] : [['manifests', `${manifests}  applied, and watched`]]),
  ];
  const lines = rows.map(([name = '', text = '']) => `  ${name.padEnd(12)}${text}`);
  tell({ type: 'report', text: ['Sluice is up; Ctrl-C stops it', ...lines].join('\n') });
}

function controlConfig(command: UpCommand, { env, cwd }: Surroundings): ControlConfig {
  const inherited = INHERITED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  const config: ControlConfig = {
    dataDir: command.dataDir,
    workDir: cwd,
    adminPort: command.adminPort,
    baseEnv: { ...Object.fromEntries(inherited), ...command.podEnv },
    logLevel: command.logLevel,
  };
  if (command.manifests !== undefined) config.manifests = resolve(cwd, command.manifests);
  if (command.prometheus !== undefined) config.prometheus = command.prometheus;
  if (command.apiServer !== undefined) config.apiServer = resolve(cwd, command.apiServer);
  return config;
}

function proxyArguments({ dataDir, httpPort, adminPort, workers, tracing, ...log }: UpCommand): string[] {
  return [
    ...['--data', dataDir, '--host', HOST, '--http-port', String(httpPort), '--admin-port', String(adminPort)],
    ...['--workers', String(workers), '--access-log', log.accessLog],
    ...['--access-log-format', log.accessLogFormat, '--access-log-size', String(log.accessLogSize)],
    ...tracingArguments(tracing),
  ];
}
