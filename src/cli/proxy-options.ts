/** Options that every command with a proxy has: where its access log goes and in which form, and who gets its spans. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TracingChoice } from './commands/proxy.ts';
import { positive } from './option-parsers.ts';

export type AccessLogHelp = { places: string; otherwise?: { to: string; format: string } };

/** Places are where the log can go besides a file; without `otherwise`, the mesh settings say what holds without options. */
export function withAccessLog(command: Command, { places, otherwise }: AccessLogHelp): Command {
  const fallback = otherwise === undefined ? '; default: as --mesh says, else off' : '';
  return command
    .option('--access-log <file>', `access log of the proxy: a file, ${places}${fallback}`, otherwise?.to)
    .option(
      '--access-log-format <format>',
      "json, text (Istio's), or text with Envoy's commands, such as '%REQ(:METHOD)% %RESPONSE_CODE%'",
      otherwise?.format,
    )
    .option(
      '--access-log-size <MiB>',
      'begin a new access log at this size, and keep three old ones; 0: never',
      (text) => (text === '0' ? 0 : positive(text)),
      100,
    );
}

export type TracingFlags = {
  tracing?: TracingChoice['provider'] | undefined;
  tracingEndpoint?: string | undefined;
  tracingSampling: number;
};

const USUAL_ENDPOINTS = { otlp: 'http://127.0.0.1:4318', zipkin: 'http://127.0.0.1:9411' };

export function withTracing(command: Command): Command {
  return command
    .addOption(new Option('--tracing <protocol>', 'send spans by OTLP/HTTP or Zipkin v2').choices(['otlp', 'zipkin']))
    .option(
      '--tracing-endpoint <url>',
      'the collector; default: port 4318 (otlp) or 9411 (zipkin) of this machine',
      url,
    )
    .option('--tracing-sampling <percent>', 'share of the requests about which nobody has decided yet', percent, 1);
}

/** One choice instead of three flags; `undefined` where nothing is traced. */
export function withTracingChoice<Flags extends TracingFlags>(
  flags: Flags,
): Omit<Flags, keyof TracingFlags> & { tracing: TracingChoice | undefined } {
  const { tracing, tracingEndpoint, tracingSampling, ...rest } = flags;
  return { ...rest, tracing: tracing && choiceOf(tracing, tracingEndpoint, tracingSampling) };
}

function choiceOf(
  provider: TracingChoice['provider'],
  endpoint: string | undefined,
  samplingPercent: number,
): TracingChoice {
  return { provider, endpoint: endpoint ?? USUAL_ENDPOINTS[provider], samplingPercent };
}

function url(text: string): string {
  const parsed = URL.parse(text);
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return text;
  throw new InvalidArgumentError(`Must be an http or https URL: got ${text}`);
}

function percent(text: string): number {
  const number = Number(text);
  if (text !== '' && number >= 0 && number <= 100) return number;
  throw new InvalidArgumentError(`Must be a number from 0 to 100: got ${text}`);
}
