import { expect, test } from 'vitest';
import { RequestIds } from '../../src/proxy/request-id.ts';

test('ids are UUIDs of version 4, and differ even where the random numbers do not', () => {
  const made = new RequestIds(() => 0.5);
  const ids = Array.from({ length: 4_096 }, () => made.next().text);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the bytes of an id spell its text until the next one is made', () => {
  const made = new RequestIds(Math.random);
  for (let count = 0; count < 10_000; count++) {
    const id = made.next();
    expect(Buffer.from(id.bytes).toString('latin1')).toBe(id.text);
  }
});
