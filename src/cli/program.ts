/** The command tree: names, arguments, options, and which function does the work. */

import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../lib/duration.ts';
import { type ColourMode, chooseStyle } from '../view/style.ts';
import { act } from './commands/act.ts';
import { describeCanary } from './commands/describe.ts';
import { events } from './commands/events.ts';
import { type GetOptions, getCanaries, OUTPUT_FORMATS } from './commands/get.ts';
import { history } from './commands/history.ts';
import { plan } from './commands/plan.ts';
import { type StatusOptions, status } from './commands/status.ts';
import { watchCanary } from './commands/watch.ts';
import { completionScript, SHELLS } from './completion.ts';
import { EXIT } from './exit-code.ts';
import { addMeshCommands } from './mesh-commands.ts';
import { addProxyCommands } from './proxy-commands.ts';
import { addRunCommands } from './run-commands.ts';
import type { ServerFlags } from './server-choice.ts';
import { type Session, withSession } from './session.ts';
import type { Surroundings } from './surroundings.ts';

export type Finish = (code: number) => void;

const KINDS = ['canaries', 'canary'] as const;

const ACTIONS = [
  ['approve', 'Approve', 'Let the rollout pass the gate that it waits at'],
  ['reject', 'Reject', 'Refuse the gate: the rollout is taken back'],
  ['pause', 'Pause', 'Hold the rollout where it is'],
  ['resume', 'Resume', 'Let a paused rollout go on'],
  ['promote', 'Promote', 'Skip what is left of the analysis and promote'],
  ['abort', 'Abort', 'Take the rollout back, now'],
  ['retry', 'Retry', 'Roll the same revision out once more'],
] as const;

/** Builds the tree; `finish` is told the exit code of the command that ran. */
export function createProgram(surroundings: Surroundings, finish: Finish): Command {
  const program = new Command('sluice')
    .description('Progressive delivery: canaries, approvals and rollbacks, on one machine or in a cluster')
    .version(`sluice ${surroundings.version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show the help of a command')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
    });
  program
    .addOption(
      new Option('--color <when>', 'colours in the output').choices(['auto', 'always', 'never']).default('auto'),
    )
    .enablePositionalOptions();

  const styled = () => ({
    ...surroundings,
    style: chooseStyle(program.opts<{ color: ColourMode }>().color, {
      env: surroundings.env,
      isTty: surroundings.stdout.isTty,
    }),
  });
  const inSession = (flags: ServerFlags, use: (session: Session) => Promise<number>) =>
    withSession(flags, surroundings, use).then(finish);

  withServerFlags(program.command('get'))
    .description('List canaries')
    .addArgument(new Argument('<kind>', 'what to list').choices(KINDS))
    .argument('[name]', 'only this one')
    .option('-A, --all-namespaces', 'in all namespaces')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(OUTPUT_FORMATS))
    .option('-w, --watch', 'go on printing changes')
    .action((_kind: string, name: string | undefined, flags: ServerFlags & GetOptions) =>
      inSession(flags, (session) => getCanaries(name, flags, session, surroundings)),
    );

  withServerFlags(program.command('describe'))
    .description('Show everything about one canary')
    .addArgument(new Argument('<kind>', 'what to describe').choices(KINDS))
    .argument('<name>', 'name of the canary')
    .action((_kind: string, name: string, flags: ServerFlags) =>
      inSession(flags, (session) => describeCanary(name, session, styled())),
    );

  withServerFlags(program.command('status'))
    .description('Show how a rollout stands; the exit code says it too')
    .argument('<canary>', 'name of the canary')
    .option('--wait', 'wait until the rollout has ended')
    .option('--no-wait', 'answer at once (the default)')
    .option('--timeout <duration>', 'how long to wait at most', duration)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['json']))
    .action(
      (name: string, flags: ServerFlags & { wait?: boolean; timeout?: number; output?: 'json' }, command: Command) => {
        const wait = command.getOptionValueSource('wait') === 'cli' && flags.wait === true;
        const options: StatusOptions = { wait, output: flags.output };
        if (flags.timeout !== undefined) options.timeoutMs = flags.timeout;
        return inSession(flags, (session) => status(name, options, session, styled()));
      },
    );

  withServerFlags(program.command('watch'))
    .description('Watch a rollout live')
    .argument('<canary>', 'name of the canary')
    .action((name: string, flags: ServerFlags) => inSession(flags, (session) => watchCanary(name, session, styled())));

  program
    .command('plan')
    .description('Show what a rollout will do, before anything rolls; needs no server')
    .requiredOption('-f, --filename <path>', 'manifest with Canaries, or a folder of manifests')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['json']))
    .action(({ filename, output }: { filename: string; output?: 'json' }) =>
      plan({ file: filename, output }, surroundings).then(finish),
    );

  for (const [name, action, description] of ACTIONS) {
    withServerFlags(program.command(name))
      .description(description)
      .argument('<canary>', 'name of the canary')
      .option('--stage <name>', 'the gate that is meant, by the name of its stage')
      .option('--reason <text>', 'why; it is kept in the history')
      .addOption(
        new Option('--timeout <duration>', 'how long to wait for the controller')
          .argParser(duration)
          .default(30_000, '30s'),
      )
      .action((canary: string, flags: ServerFlags & { stage?: string; reason?: string; timeout: number }) =>
        inSession(flags, (session) =>
          act(action, canary, { ...flags, timeoutMs: flags.timeout }, session, surroundings),
        ),
      );
  }

  withServerFlags(program.command('history'))
    .description('List the releases of a canary')
    .argument('<canary>', 'name of the canary')
    .action((name: string, flags: ServerFlags) => inSession(flags, (session) => history(name, session, styled())));

  withServerFlags(program.command('events'))
    .description('List what was announced about a canary')
    .argument('<canary>', 'name of the canary')
    .action((name: string, flags: ServerFlags) => inSession(flags, (session) => events(name, session, surroundings)));

  addRunCommands(program, surroundings, finish);
  addProxyCommands(program, surroundings, finish);
  addMeshCommands(program, { surroundings, finish, styled: () => styled().style });

  program
    .command('version')
    .description('Print the version')
    .action(() => {
      surroundings.stdout.write(`sluice ${surroundings.version}\n`);
      finish(EXIT.ok);
    });

  program
    .command('completion')
    .description('Print a completion script, to be sourced by the shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) => {
      surroundings.stdout.write(completionScript(shell, program));
      finish(EXIT.ok);
    });

  return program;
}

/** Options of every command that talks to an API server. */
export function withServerFlags(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'namespace; default: that of the context')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig of the API server to talk to');
}

/** @returns milliseconds */
function duration(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === undefined) throw new InvalidArgumentError(`Must be a duration such as 30s or 5m: got ${text}`);
  return durationMs;
}
