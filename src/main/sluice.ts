/** The `sluice` command: fills in what the command line touches outside itself. */

import { runCli } from '../cli/run-cli.ts';
import type { Output, Surroundings } from '../cli/surroundings.ts';
import { systemClock } from '../lib/clock.ts';
import { silentLogger } from '../lib/logger.ts';
import { PACKAGE_VERSION } from './package-version.ts';

const TERMINAL_COLUMNS_DEFAULT = 120;
const TERMINAL_ROWS_DEFAULT = 50;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
// Whoever started this as a child process and is gone would leave a platform running that nobody knows of.
process.once('disconnect', () => interrupted.abort());
process.channel?.unref();

const surroundings: Surroundings = {
  env: process.env,
  cwd: process.cwd(),
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  clock: systemClock,
  random: Math.random,
  logger: silentLogger,
  signal: interrupted.signal,
  version: PACKAGE_VERSION,
  async connect(choice) {
    const { connect } = await import('../kube/connect.ts');
    return connect({ ...choice, clock: systemClock, userAgent: `sluice/${PACKAGE_VERSION}`, random: Math.random });
  },
  up: async (command) => (await import('./up.ts')).up(command, surroundings),
  demo: async (command) => (await import('./demo.ts')).demo(command, surroundings),
  proxy: async (command) => (await import('./standalone-proxy.ts')).standaloneProxy(command, surroundings),
  explain: async (command) => (await import('./explain.ts')).explain(command, surroundings),
  analyze: async (command) => (await import('./analyze.ts')).analyze(command, surroundings),
  askAdmin: async <T>(adminUrl: string, path: string) => (await import('./ask-admin.ts')).askAdmin<T>(adminUrl, path),
  controller: async (command) => (await import('./controller.ts')).controller(command, surroundings),
};

process.exitCode = await runCli(process.argv.slice(2), surroundings);

function outputOf(stream: NodeJS.WriteStream): Output {
  // A closed terminal or pipe ends the printing, not the work that is to be ended in order.
  stream.on('error', () => {});
  return {
    write: (text) => void stream.write(text),
    isTty: stream.isTTY === true,
    get columns() {
      return stream.columns ?? TERMINAL_COLUMNS_DEFAULT;
    },
    get rows() {
      return stream.rows ?? TERMINAL_ROWS_DEFAULT;
    },
  };
}
