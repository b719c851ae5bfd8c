import { expect, test } from 'vitest';
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
