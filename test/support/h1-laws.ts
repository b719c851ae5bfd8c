/** Laws of the parsers over drawn messages. Each takes how many to draw, so that the same laws run for seconds or for minutes. */

import fc from 'fast-check';
import { expect } from 'vitest';
import { ChunkScanner } from '../../src/proxy/h1/chunk-scanner.ts';
import { INCOMPLETE } from '../../src/proxy/h1/field-list.ts';
import { RequestHead } from '../../src/proxy/h1/request-head.ts';
import { Outbox } from '../../src/proxy/outbox.ts';
import {
  chunkedText,
  chunkParts,
  framingLines,
  mutated,
  mutations,
  requestParts,
  requestText,
  trailerFields,
} from './h1-grammar.ts';
import { readChunks, readHead } from './reference-parser.ts';

const LIMITS = { headBytes: 60 * 1_024, fields: 100 };

/** A legal head is read as it was written, and every beginning of it asks for more. */
export function legalHeadsAreRead(numRuns: number): void {
  fc.assert(
    fc.property(requestParts, (parts) => {
      const text = requestText(parts);
      const { end } = parse(text);
      expect(end).toBe(text.length);
      expect(head.method).toBe(parts.method);
      const read = readHead(text)?.fields ?? [];
      expect(fieldsOf(head)).toEqual(read);
      for (let length = 0; length < text.length; length++) expect(parse(text.slice(0, length)).end).toBe(INCOMPLETE);
    }),
    { numRuns },
  );
}

/** What is accepted has the grammar, the fields that an obvious parser reads, and framing that leaves no doubt. */
export function acceptedHeadsAreLegal(numRuns: number): void {
  fc.assert(
    fc.property(requestParts, framingLines, mutations, (parts, framing, changes) => {
      const text = mutated(requestText(parts).replace(/\r\n$/, `${framing}\r\n`), changes);
      const { end } = parse(text);
      if (end <= 0) return;
      const reference = readHead(text);
      expect(reference?.length).toBe(end);
      expect(fieldsOf(head)).toEqual(reference?.fields);
      const lengths = (reference?.fields ?? []).filter(([name]) => name === 'content-length');
      const codings = (reference?.fields ?? []).filter(([name]) => name === 'transfer-encoding');
      expect(lengths.length + codings.length).toBeLessThanOrEqual(1);
      for (const [, length] of lengths) expect(length).toMatch(/^\d+$/);
      for (const [, coding] of codings) expect(coding.toLowerCase()).toBe('chunked');
    }),
    { numRuns },
  );
}

/** However a head is cut, the verdict on the whole does not change, and a refusal is not taken back. */
export function verdictsDoNotDependOnCuts(numRuns: number): void {
  fc.assert(
    fc.property(requestParts, framingLines, mutations, (parts, framing, changes) => {
      const text = mutated(requestText(parts).replace(/\r\n$/, `${framing}\r\n`), changes);
      const whole = parse(text).end;
      for (let length = 1; length < text.length; length++) {
        const { end } = parse(text.slice(0, length));
        if (end !== INCOMPLETE) expect({ length, end }).toEqual({ length, end: whole });
      }
    }),
    { numRuns },
  );
}

/** A legal chunked body goes on in its plainest form, however it is cut. */
export function legalChunksAreRewritten(numRuns: number): void {
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.array(chunkParts, { maxLength: 5 }), trailerFields, cuts, (chunks, trailers, cutAt) => {
      const text = chunkedText(chunks, trailers);
      const plain = chunkedText(
        chunks.map(({ data }) => ({ data, zeros: 0, capital: false, extension: '' })),
        [],
      );
      expect(scan(text, cutAt)).toEqual({ refusal: 0, done: true, taken: text.length, out: plain });
    }),
    { numRuns },
  );
}

/** A body that is nearly legal is refused, or it means the same to an obvious parser; cuts change nothing. */
export function acceptedChunksAreLegal(numRuns: number): void {
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
  fc.assert(
    fc.property(
      fc.array(chunkParts, { maxLength: 4 }),
      trailerFields,
      mutations,
      cuts,
      (chunks, trailers, changes, at) => {
        const text = mutated(chunkedText(chunks, trailers), changes);
        const found = scan(text, at);
        expect(scan(text, [])).toMatchObject({ refusal: found.refusal, done: found.done, taken: found.taken });
        const reference = readChunks(text);
        expect(found.done).toBe(reference !== undefined);
        if (reference === undefined) return;
        expect(found.taken).toBe(reference.length);
        expect(readChunks(found.out)).toEqual({ data: reference.data, length: found.out.length });
      },
    ),
    { numRuns },
  );
}

/** One for all, as in a worker: nothing of one request may be left for the next. */
const head = new RequestHead(LIMITS);

function parse(text: string): { head: RequestHead; end: number } {
  const bytes = Buffer.from(text, 'latin1');
  return { head, end: head.parse(bytes, 0, bytes.length) };
}

function fieldsOf({ fields }: RequestHead): [string, string][] {
  return Array.from({ length: fields.count }, (_, index) => [fields.name(index), fields.value(index)]);
}

function scan(text: string, cutAt: readonly number[]) {
  const scanner = new ChunkScanner();
  const out = new Outbox();
  const bytes = Buffer.from(text, 'latin1');
  const ends = [...cutAt.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length];
  let taken = 0;
  for (const end of ends) {
    if (end > taken && !scanner.done && scanner.refusal === 0) taken = scanner.feed(bytes, taken, end, out);
  }
  return { refusal: scanner.refusal, done: scanner.done, taken, out: out.copyFrom(0).toString('latin1') };
}
