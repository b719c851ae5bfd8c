import { describe, expect, test } from 'vitest';
import { RequestHead } from '../../../src/proxy/h1/request-head.ts';

describe('a head that is refused', () => {
  const limits = { headBytes: 1_024, fields: 10 };
  const parse = (head: RequestHead, text: string) => head.parse(Buffer.from(text), 0, text.length);

  test('for want of a Host tells nothing of the request before', () => {
    const head = new RequestHead(limits);
    expect(parse(head, 'GET / HTTP/1.1\r\nHost: secret.internal\r\n\r\n')).toBeGreaterThan(0);
    expect(parse(head, 'GET /y HTTP/1.1\r\nx: y\r\n\r\n')).toBe(-400);
    expect(head).toMatchObject({ authority: '', path: '/y', refusedFor: 'missing_host_header' });
  });

  test('for an empty Host is refused by a worker that has seen no other', () => {
    expect(parse(new RequestHead(limits), 'GET / HTTP/1.1\r\nHost:\r\n\r\n')).toBe(-400);
  });
});
