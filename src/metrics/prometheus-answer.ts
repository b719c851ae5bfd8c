/** Reads the answer to an instant query strictly: exactly one finite number counts as a measurement. Pure. */

import { z } from 'zod';
import type { EpochMs } from '../lib/clock.ts';
import type { Sample } from './verdict.ts';

/** How far the answer's instant may lie from the asked one, in milliseconds; beyond it clocks or caches are at fault. */
const SKEW_MS_MAX = 120_000;

const pointSchema = z.tuple([z.number(), z.string()]);
const answerSchema = z.object({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('vector'), result: z.array(z.looseObject({ value: pointSchema.optional() })) }),
    z.object({ resultType: z.literal('scalar'), result: pointSchema }),
    z.object({ resultType: z.enum(['matrix', 'string']), result: z.unknown() }),
  ]),
});
const errorSchema = z.object({ status: z.literal('error'), error: z.string(), errorType: z.string().optional() });

/** @param at the instant that was asked for */
export function readPrometheusAnswer(answer: unknown, at: EpochMs): Sample {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) return unreadable(answer);
  const { data } = parsed.data;
  if (data.resultType === 'scalar') return readPoint(data.result, at);
  if (data.resultType !== 'vector') return odd(`a ${data.resultType}, not one number`);
  if (data.result.length > 1) return odd(`${data.result.length} series, not one: aggregate them in the query`);
  const series = data.result[0];
  if (series === undefined) return { kind: 'noData', reason: 'The query returned no data: no traffic was measured' };
  return series.value === undefined ? odd('a native histogram, not one number') : readPoint(series.value, at);
}

function readPoint([seconds, text]: [number, string], at: EpochMs): Sample {
  if (text === '' || text === 'NaN') {
    return { kind: 'noData', reason: 'The query returned NaN: no traffic was measured' };
  }
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return odd(`${text.slice(0, 40)}, which is no measurement`);
  if (Math.abs(seconds * 1_000 - at) > SKEW_MS_MAX) {
    return odd(`a measurement of another time (${Math.round(seconds - at / 1_000)} s away): compare the clocks`);
  }
  return { kind: 'value', value };
}

function unreadable(answer: unknown): Sample {
  const error = errorSchema.safeParse(answer);
  if (error.success)
    return { kind: 'unreachable', reason: `The metrics server refused the query: ${error.data.error}` };
  return { kind: 'unreachable', reason: "The metrics server's answer is not one of Prometheus: check its address" };
}

function odd(found: string): Sample {
  return { kind: 'unreachable', reason: `The query returned ${found}` };
}
