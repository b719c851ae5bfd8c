import { expect, test } from 'vitest';
import { ByteWriter } from '../../src/proxy/byte-writer.ts';
import { KeptHead } from '../../src/proxy/kept-head.ts';

test.each([10, 512, 513, 4_096, 60_000])(
  'a head of %i bytes is kept until the request is over, and larger ones no longer',
  (length) => {
    const kept = new KeptHead();
    const out = new ByteWriter(16);
    out.text('before');
    out.text('x'.repeat(length));
    kept.keep(out, 'before'.length);
    out.discard();
    kept.write(out);
    expect(out.copyFrom(0).toString('latin1')).toBe('x'.repeat(length));
    expect(kept.text).toBe('x'.repeat(length));
    kept.release();
    expect(kept.text).toBe(length > 4_096 ? '' : 'x'.repeat(length));
  },
);
