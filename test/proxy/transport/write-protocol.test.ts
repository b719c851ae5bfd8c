import { describe, expect, test } from 'vitest';
import type { WriteRequest } from '../../../src/proxy/transport/write-handle.ts';
import { protocolOf, type SeenWrite, seeWriteProtocol } from '../../../src/proxy/transport/write-protocol.ts';

class Request implements WriteRequest {
  getAsyncId(): number {
    return -1;
  }
}
class OwnedRequest {
  getAsyncId(): number {
    return 17;
  }
}
class NamelessRequest {}

const bytes = Buffer.from('x');

test('this Node writes in a way that is known', async () => {
  const lends = Number(process.versions.node.split('.')[0]) < 26;
  expect(await seeWriteProtocol()).toMatchObject({ requests: lends ? 'lent' : 'given' });
});

describe('what Node asks of its handle tells', () => {
  test('that requests are lent, and of which class they are', () => {
    const seen = { values: [new Request(), bytes], outcome: 0 };
    expect(protocolOf(seen)).toEqual({ requests: 'lent', WriteRequestClass: Request });
  });

  test('that requests are given', () => {
    expect(protocolOf({ values: [null, bytes], outcome: 0 })).toEqual({ requests: 'given' });
  });

  const unknown: Record<string, SeenWrite> = {
    'no request at all': { values: [bytes], outcome: 0 },
    'one value more': { values: [null, bytes, undefined], outcome: 0 },
    'another order': { values: [bytes, null], outcome: 0 },
    'a text': { values: [null, 'x'], outcome: 0 },
    'no answer': { values: [null, bytes], outcome: undefined },
    'an answer of another kind': { values: [null, bytes], outcome: { bytes: 1 } },
    'a failure': { values: [null, bytes], outcome: -32 },
    'a plain object as request': { values: [{}, bytes], outcome: 0 },
    'an absent request': { values: [undefined, bytes], outcome: 0 },
    'requests that do not tell their owner': { values: [new NamelessRequest(), bytes], outcome: 0 },
    'requests that have an owner at once': { values: [new OwnedRequest(), bytes], outcome: 0 },
  };
  test.each(Object.entries(unknown))('nothing, with %s', (_, seen) => {
    expect(() => protocolOf(seen)).toThrow(Error);
  });
});
