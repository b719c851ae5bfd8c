/** `sluice demo`: a platform of its own in a fresh folder, and the getting-started story on it. */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CANARY } from '../canary/canary.schema.ts';
import type { DemoCommand } from '../cli/commands/demo.ts';
import { EXIT } from '../cli/exit-code.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { flawsOf } from '../demo/report.ts';
import { createScreen } from '../demo/screen.ts';
import { EXPECTED_OUTCOMES, tellStory } from '../demo/story.ts';
import { renderSummary } from '../demo/summary.ts';
import { delay } from '../lib/clock.ts';
import { messageOf, SluiceError } from '../lib/errors.ts';
import { VIRTUAL_SERVICE } from '../mesh/istio-kinds.ts';
import { stopChild } from '../platform/machine/supervisor.ts';
import { chooseStyle } from '../view/style.ts';
import type { FromUp } from './machine-messages.ts';
import { tracingArguments } from './tracing-arguments.ts';

const NAME = 'hello';
const NAMESPACE = 'default';
const REQUESTS_PER_SECOND = 220;
/** Long enough to read the command that is about to be run. */
const APPROVE_AFTER_MS = 2_000;
const STOP_PATIENCE_MS = 60_000;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SLUICE = fileURLToPath(new URL('./sluice.ts', import.meta.url));

type Platform = Extract<FromUp, { type: 'ready' }>;

/** @returns 0 when everything was as it should be (or the person left), else 1 */
export async function demo(command: DemoCommand, surroundings: Surroundings): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
  const up = startUp(folder, command);
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    return await runStory({ command, folder, up }, surroundings);
  } catch (thrown) {
    if (surroundings.signal.aborted) return EXIT.interrupted;
    throw thrown;
  } finally {
    await stopChild(up, STOP_PATIENCE_MS, surroundings.clock);
    clearInterval(alive);
    rmSync(folder, { recursive: true, force: true });
  }
}

type DemoRun = { command: DemoCommand; folder: string; up: ChildProcess };

async function runStory({ command, folder, up }: DemoRun, surroundings: Surroundings): Promise<number> {
  const { clock, random, logger, signal, stdout, env } = surroundings;
  const style = chooseStyle('auto', { env, isTty: stdout.isTty });
  const screen = createScreen({ output: stdout, clock, style });
  screen.say('Starting the platform: API server, runtime, proxy, metrics, controller');
  const platform = await readyPlatform(up, signal);
  const client = await surroundings.connect({ kubeconfigPath: platform.kubeconfigPath });
  try {
    const report = await tellStory({
      client,
      namespace: NAMESPACE,
      name: NAME,
      canaryType: CANARY,
      virtualServiceType: VIRTUAL_SERVICE,
      httpUrl: platform.httpUrl,
      accessLogPath: join(folder, 'access.log'),
      ledgerFolder: join(folder, 'ledger'),
      requestsPerSecond: REQUESTS_PER_SECOND,
      // Tracing marks bare UUIDs of requests that it records, after which the ledger would not know them again.
      newId: () => `demo-${randomUUID()}`,
      clock,
      random,
      logger,
      signal,
      approve: (gate) => approve(gate, { command, platform }, { screen, surroundings }),
      show: screen.show,
      say: screen.say,
    });
    screen.close();
    const flaws = flawsOf(report, EXPECTED_OUTCOMES);
    if (command.report !== undefined) writeFileSync(command.report, `${JSON.stringify(report, null, 2)}\n`);
    stdout.write(`\n${renderSummary(report, flaws, style)}\n`);
    const code = flaws.length === 0 ? EXIT.ok : EXIT.failed;
    if (command.exit) return code;
    stdout.write(`\n${nextSteps(platform)}\n`);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return code;
  } finally {
    screen.close();
    await client.close();
  }
}

function startUp(folder: string, { prometheus, httpPort, adminPort, tracing }: DemoCommand): ChildProcess {
  const args = [
    ...['up', '-f', join(ROOT, 'examples', 'getting-started'), '--data', join(folder, 'data')],
    ...['--http-port', String(httpPort), '--admin-port', String(adminPort)],
    ...['--access-log', join(folder, 'access.log')],
    ...['--pod-env', `REQUEST_LEDGER=${join(folder, 'ledger')}`],
    ...(prometheus === undefined ? [] : ['--prometheus', prometheus]),
    ...tracingArguments(tracing),
  ];
  return fork(SLUICE, args, { cwd: ROOT, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

function readyPlatform(up: ChildProcess, signal: AbortSignal): Promise<Platform> {
  return new Promise((resolve, reject) => {
    let trouble = '';
    up.stderr?.on('data', (chunk: Buffer) => {
      trouble += chunk;
    });
    up.on('message', (message: FromUp) => {
      if (message.type === 'ready') resolve(message);
    });
    up.once('exit', (code) => reject(new SluiceError('SL0005', `The platform ended with ${code}: ${trouble.trim()}`)));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Prints the command that a person would type, and types it, unless a person is to do it. */
async function approve(
  gate: string,
  { command, platform }: { command: DemoCommand; platform: Platform },
  { screen, surroundings }: { screen: ReturnType<typeof createScreen>; surroundings: Surroundings },
): Promise<void> {
  const args = [
    'approve',
    NAME,
    '--stage',
    gate,
    '--reason',
    'It works for staff',
    '--kubeconfig',
    platform.kubeconfigPath,
  ];
  const typed = args.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ');
  screen.say(`To let it pass: ./sluice ${typed}`);
  if (command.manual) return;
  try {
    await delay(surroundings.clock, APPROVE_AFTER_MS, surroundings.signal);
    screen.say(await runSluice(args));
  } catch (thrown) {
    if (!surroundings.signal.aborted) screen.say(`The approval failed: ${messageOf(thrown)}`);
  }
}

function runSluice(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SLUICE, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.stderr.resume();
    child.once('error', reject);
    child.once('close', () => resolve(output.trim()));
  });
}

function nextSteps({ kubeconfigPath, httpUrl }: Platform): string {
  return [
    'The platform goes on running; Ctrl-C stops it and removes its folder. To try by hand:',
    `  curl -H 'Host: ${NAME}.localhost' ${httpUrl}`,
    `  ./sluice watch ${NAME} --kubeconfig ${kubeconfigPath}`,
    `  kubectl --kubeconfig ${kubeconfigPath} set env deployment/${NAME} VERSION=v4 FAIL_PERCENT=0`,
  ].join('\n');
}
