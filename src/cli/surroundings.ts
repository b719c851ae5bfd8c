/** Everything the command line touches outside itself, as arguments: `main/` fills it in, tests hand in their own. */

import type { KubeClient } from '../kube/kube-client.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { AnalyzeCommand } from './commands/analyze.ts';
import type { DemoCommand } from './commands/demo.ts';
import type { ExplainCommand } from './commands/explain.ts';
import type { ProxyCommand } from './commands/proxy.ts';
import type { UpCommand } from './commands/up.ts';

export type Output = { write(text: string): void; isTty: boolean; columns: number; rows: number };

export type Surroundings = {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  stdout: Output;
  stderr: Output;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  version: string;
  /** Connects to an API server; loaded only when a command needs one, because the library is slow to load. */
  connect(choice: { kubeconfigPath?: string; context?: string; namespace?: string }): Promise<KubeClient>;
  /** Long-running parts, which `main/` composes. Each resolves with the exit code. */
  up(command: UpCommand): Promise<number>;
  demo(command: DemoCommand): Promise<number>;
  controller(command: ControllerCommand): Promise<number>;
  proxy(command: ProxyCommand): Promise<number>;
  explain(command: ExplainCommand): Promise<number>;
  analyze(command: AnalyzeCommand): Promise<number>;
  /** What a page of a proxy's admin port answers, as JSON; fails with SL0405 when nobody answers. */
  askAdmin<T>(adminUrl: string, path: string): Promise<T>;
};

/** `sluice controller`: against the chosen API server. */
export type ControllerCommand = {
  client: KubeClient;
  prometheus?: string;
  namespace?: string;
  /** Of `/healthz` and `/readyz`. */
  port: number;
};
