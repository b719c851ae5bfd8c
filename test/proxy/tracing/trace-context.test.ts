import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTrace, traceLines } from '../../../src/proxy/tracing/trace-context.ts';

const TRACE = '463ac35c9f6413ad48485a3953bb6124';
const OTHER = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'a2fb4a1d1a96d312';

const fieldsOf = (fields: Record<string, string | string[]>) => (name: string) => [fields[name] ?? []].flat();

describe('the trace that a request names', () => {
  const b3 = { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN };
  const whole = { traceId: TRACE, parentId: SPAN };
  const cases: Record<string, { fields: Record<string, string | string[]>; context?: object; sampled?: boolean }> = {
    'nothing names none': { fields: {} },
    'B3, sampled': { fields: { ...b3, 'x-b3-sampled': '1' }, context: { ...whole, sampled: true }, sampled: true },
    'B3, not sampled': {
      fields: { ...b3, 'x-b3-sampled': '0' },
      context: { ...whole, sampled: false },
      sampled: false,
    },
    'B3, not decided': { fields: b3, context: { ...whole, sampled: undefined } },
    'B3, for debugging': { fields: { ...b3, 'x-b3-flags': '1' }, context: { ...whole, sampled: true }, sampled: true },
    'B3 with a short trace id': {
      fields: { ...b3, 'x-b3-traceid': SPAN },
      context: { traceId: SPAN, parentId: SPAN, sampled: undefined },
    },
    'B3 in capitals': { fields: { 'x-b3-traceid': TRACE.toUpperCase(), 'x-b3-spanid': SPAN }, context: whole },
    'only a decision': { fields: { 'x-b3-sampled': '0' }, sampled: false },
    'B3 in one field': { fields: { b3: `${TRACE}-${SPAN}-1-${SPAN}` }, context: whole, sampled: true },
    'B3 in one field, debug': { fields: { b3: `${TRACE}-${SPAN}-d` }, context: whole, sampled: true },
    'B3 in one field, not decided': { fields: { b3: `${TRACE}-${SPAN}` }, context: whole },
    'B3 in one field, only a decision': { fields: { b3: '0' }, sampled: false },
    'W3C, sampled': { fields: { traceparent: `00-${TRACE}-${SPAN}-01` }, context: whole, sampled: true },
    'W3C, not sampled': { fields: { traceparent: `00-${TRACE}-${SPAN}-00` }, context: whole, sampled: false },
    'W3C with flags of later versions': {
      fields: { traceparent: `cc-${TRACE}-${SPAN}-03-more` },
      context: whole,
      sampled: true,
    },
    'W3C of version ff is none': { fields: { traceparent: `ff-${TRACE}-${SPAN}-01` } },
    'W3C that says more than its version may is none': { fields: { traceparent: `00-${TRACE}-${SPAN}-01-x` } },
    'W3C in capitals is none': { fields: { traceparent: `00-${TRACE.toUpperCase()}-${SPAN}-01` } },
    'W3C with a trace of zeros is none': { fields: { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` } },
    'W3C with a span of zeros is none': { fields: { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` } },
    'W3C twice is none': { fields: { traceparent: [`00-${TRACE}-${SPAN}-01`, `00-${OTHER}-${SPAN}-01`] } },
    'B3 with half an id is none': { fields: { 'x-b3-traceid': TRACE.slice(1), 'x-b3-spanid': SPAN } },
    'B3 without its span is none': { fields: { 'x-b3-traceid': TRACE } },
  };
  test.each(Object.entries(cases))('%s', (_name, { fields, context, sampled }) => {
    const read = readTrace(fieldsOf(fields), 'b3');
    if (context === undefined) expect(read.context).toBeUndefined();
    else expect(read.context).toMatchObject(context);
    expect(read.sampled).toBe(sampled);
  });

  test('in two languages is the one of the collector', () => {
    const fields = fieldsOf({ ...b3, traceparent: `00-${OTHER}-${SPAN}-01` });
    expect(readTrace(fields, 'b3').context?.traceId).toBe(TRACE);
    expect(readTrace(fields, 'w3c').context?.traceId).toBe(OTHER);
    expect(readTrace(fields, 'w3c').spoken).toEqual({ b3: true, b3Single: false, w3c: true });
  });

  test('never throws, and never takes anything but hexadecimal digits', () => {
    const value = fc.oneof(fc.string(), fc.constant(TRACE), fc.constant(SPAN), fc.constant(`${TRACE}-${SPAN}-1`));
    const names = ['traceparent', 'b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled', 'x-b3-flags'] as const;
    const heads = fc.record(Object.fromEntries(names.map((name) => [name, fc.array(value, { maxLength: 2 })])));
    fc.assert(
      fc.property(heads, (fields) => {
        const { context } = readTrace(fieldsOf(fields), 'w3c');
        expect(`${context?.traceId ?? TRACE}${context?.parentId ?? SPAN}`).toMatch(/^(?:[0-9a-f]{32}|[0-9a-f]{48})$/);
      }),
    );
  });
});

test('what is written is read again as the same, in each language', () => {
  const hex = (length: number) => fc.stringMatching(new RegExp(`^[1-9a-f][0-9a-f]{${length - 1}}$`));
  fc.assert(
    fc.property(
      hex(32),
      hex(16),
      fc.boolean(),
      fc.constantFrom('b3', 'b3Single', 'w3c'),
      (traceId, spanId, sampled, one) => {
        const spoken = { b3: false, b3Single: false, w3c: false, [one]: true };
        const lines = traceLines({ traceId, spanId, parentId: SPAN, sampled }, spoken);
        const fields = Object.fromEntries(
          lines
            .split('\r\n')
            .filter(Boolean)
            .map((line) => line.split(': ') as [string, string]),
        );
        expect(readTrace(fieldsOf(fields), 'b3')).toMatchObject({
          context: { traceId, parentId: spanId, sampled },
          spoken,
        });
      },
    ),
  );
});
