import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import type { TracingChoice } from '../../src/cli/commands/proxy.ts';
import { TRACING_ARGUMENTS, tracingArguments, tracingFrom } from '../../src/main/tracing-arguments.ts';

const said = (tracing: TracingChoice | undefined) =>
  tracingFrom(parseArgs({ args: tracingArguments(tracing), options: TRACING_ARGUMENTS }).values);

test.each<TracingChoice | undefined>([
  undefined,
  { provider: 'otlp', endpoint: 'http://127.0.0.1:4318', samplingPercent: 1 },
  { provider: 'zipkin', endpoint: 'https://collector/a b?c=--tracing', samplingPercent: 0.25 },
  { provider: 'zipkin', endpoint: 'http://[::1]:9411', samplingPercent: 0 },
])('%j arrives as it was said', (tracing) => expect(said(tracing)).toEqual(tracing));
