/** argv to exit code. Every failure ends here as one line: what happened, where, and what to do next. */

import { CommanderError } from 'commander';
import { ERROR_CATALOGUE, messageOf, SluiceError } from '../lib/errors.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { createProgram } from './program.ts';
import type { Surroundings } from './surroundings.ts';

/** @param argv arguments after the program's name */
export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  let code: number = EXIT.ok;
  const program = createProgram(surroundings, (finished) => {
    code = finished;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    surroundings.stderr.write(`${explain(thrown)}\n`);
    return exitCodeFor(thrown);
  }
}

const USAGE_CODES: ReadonlySet<string> = new Set(['SL0001', 'SL0008', 'SL0120']);

function explain(thrown: unknown): string {
  if (!(thrown instanceof SluiceError)) return `Error: ${messageOf(thrown)}`;
  return `${thrown.code}: ${thrown.message}\n${ERROR_CATALOGUE[thrown.code].remedy}`;
}

function exitCodeFor(thrown: unknown): ExitCode {
  if (!(thrown instanceof SluiceError)) return EXIT.failed;
  if (USAGE_CODES.has(thrown.code)) return EXIT.usage;
  return thrown.code === 'SL0010' ? EXIT.timeout : EXIT.failed;
}
