/** Whether two answers say the same: same series, numbers equal to one part in 10⁹; the order counts only where it was asked for. */

import { z } from 'zod';

const labels = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);
const answerSchema = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: labels, value: point })) }),
  z.object({ resultType: z.literal('matrix'), result: z.array(z.object({ metric: labels, values: z.array(point) })) }),
  z.object({ resultType: z.enum(['scalar', 'string']), result: point }),
]);

type Row = { key: string; points: [number, string][] };

/** @returns what differs, or `undefined` */
export function differenceOf(expected: unknown, found: unknown, { ordered = false } = {}): string | undefined {
  const [wanted, got] = [rowsOf(expected), rowsOf(found)].map((rows) =>
    ordered ? rows : rows.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  );
  const same =
    wanted?.length === got?.length &&
    wanted?.every((row, index) => row.key === got?.[index]?.key && samePoints(row, got[index]));
  return same ? undefined : `expected ${JSON.stringify(wanted)}\n   found ${JSON.stringify(got)}`;
}

function rowsOf(answer: unknown): Row[] {
  const parsed = answerSchema.parse(answer);
  if (parsed.resultType === 'vector') {
    return parsed.result.map(({ metric, value }) => ({ key: keyOf(metric), points: [value] }));
  }
  if (parsed.resultType === 'matrix') {
    return parsed.result.map(({ metric, values }) => ({ key: keyOf(metric), points: values }));
  }
  return [{ key: parsed.resultType, points: [parsed.result] }];
}

function keyOf(metric: Record<string, string>): string {
  return JSON.stringify(Object.entries(metric).sort());
}

function samePoints(a: Row, b: Row): boolean {
  return (
    a.points.length === b.points.length &&
    a.points.every(([time, value], index) => {
      const [otherTime, otherValue] = b.points[index] ?? [Number.NaN, ''];
      return time === otherTime && sameNumber(value, otherValue);
    })
  );
}

function sameNumber(a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y), 1e-3);
}
