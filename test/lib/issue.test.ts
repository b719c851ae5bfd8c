import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseWith } from '../../src/lib/issue.ts';

test('parseWith() names every flaw with its place and the found value', () => {
  const schema = z.object({ spec: z.object({ weights: z.array(z.number({ error: 'must be a number' })) }) });
  expect(parseWith(schema, { spec: { weights: [1, 'two', null] } })).toEqual({
    ok: false,
    issues: [
      { path: 'spec.weights[1]', message: 'must be a number: got "two"' },
      { path: 'spec.weights[2]', message: 'must be a number: got null' },
    ],
  });
});

describe('parseWith() says what is allowed', () => {
  const cases: Record<string, { schema: z.ZodType; input: unknown; message: string }> = {
    'of a type': { schema: z.number(), input: 'high', message: 'must be a number: got "high"' },
    'of an object': { schema: z.object({}), input: 1, message: 'must be an object: got 1' },
    'of a choice': { schema: z.enum(['a', 'b']), input: 'c', message: 'must be one of a, b: got "c"' },
    'of one value': { schema: z.literal('a'), input: 'c', message: 'must be a: got "c"' },
    'of a closed object': { schema: z.strictObject({}), input: { x: 1 }, message: 'must not have x: got {"x":1}' },
    'of a minimum': { schema: z.number().min(1), input: 0, message: 'must be at least 1: got 0' },
    'of a length': { schema: z.string().max(1), input: 'ab', message: 'must be at most 1 long: got "ab"' },
    'in the words of the schema, where it has some': {
      schema: z.number({ error: 'must be a port' }),
      input: 'x',
      message: 'must be a port: got "x"',
    },
  };
  test.each(Object.entries(cases))('%s', (_name, { schema, input, message }) => {
    expect(parseWith(schema, input)).toEqual({ ok: false, issues: [{ path: '', message }] });
  });
});
