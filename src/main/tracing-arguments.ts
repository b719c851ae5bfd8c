/** Where spans go, as arguments from one process of ours to the next: written and read here. */

import type { TracingChoice } from '../cli/commands/proxy.ts';

/** For `parseArgs` of the process that is told. */
export const TRACING_ARGUMENTS = {
  tracing: { type: 'string' },
  'tracing-endpoint': { type: 'string' },
  'tracing-sampling': { type: 'string' },
} as const;

type Values = { [name in keyof typeof TRACING_ARGUMENTS]?: string | undefined };

/** As `sluice up` takes them, too. */
export function tracingArguments(tracing: TracingChoice | undefined): string[] {
  if (tracing === undefined) return [];
  const { provider, endpoint, samplingPercent } = tracing;
  return ['--tracing', provider, '--tracing-endpoint', endpoint, '--tracing-sampling', String(samplingPercent)];
}

/** @returns `undefined` where nothing is traced */
export function tracingFrom(values: Values): TracingChoice | undefined {
  const { tracing, 'tracing-endpoint': endpoint = '', 'tracing-sampling': sampling } = values;
  if (tracing !== 'otlp' && tracing !== 'zipkin') return undefined;
  return { provider: tracing, endpoint, samplingPercent: Number(sampling) };
}
