/** Options that every command with a proxy has: where its access log goes, and in which form. */

import type { Command } from 'commander';
import { positive } from './option-parsers.ts';

/** @param places where the log can go, besides a file */
export function withAccessLog(command: Command, places: string): Command {
  return command
    .option('--access-log <file>', `access log of the proxy: a file, ${places}`, 'off')
    .option(
      '--access-log-format <format>',
      "json, text (Istio's), or text with Envoy's commands, such as '%REQ(:METHOD)% %RESPONSE_CODE%'",
      'json',
    )
    .option(
      '--access-log-size <MiB>',
      'begin a new access log at this size, and keep three old ones; 0: never',
      (text) => (text === '0' ? 0 : positive(text)),
      100,
    );
}
