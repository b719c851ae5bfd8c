import { expect, test } from 'vitest';
import { createRequestIds } from '../../src/proxy/request-id.ts';

test('ids are UUIDs of version 4, and differ even where the random numbers do not', () => {
  const create = createRequestIds(() => 0.5);
  const ids = Array.from({ length: 4_096 }, create);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
});
