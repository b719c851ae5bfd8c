/** The embedded evaluator against answers that a real Prometheus gave to the same queries over the same series. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { differenceOf } from '../../prometheus/compare-answers.ts';
import { createDataset } from '../../prometheus/dataset.ts';
import { embeddedAnswer, storeOf } from '../../prometheus/embedded-answer.ts';
import { QUERIES } from '../../prometheus/queries.ts';

type Recording = { version: string; answers: { query: string; timeMs: number; data: unknown }[] };

const recording: Recording = JSON.parse(
  readFileSync(new URL('../../fixtures/promql/answers.json', import.meta.url), 'utf8'),
);
const store = storeOf(createDataset());

describe(`what Prometheus ${recording.version} answered`, () => {
  test('was recorded for every query', () => {
    expect(new Set(recording.answers.map(({ query }) => query))).toEqual(new Set(QUERIES));
  });

  test.each(QUERIES)('is what the store answers: %s', (query) => {
    const answers = recording.answers.filter((answer) => answer.query === query);
    for (const { timeMs, data } of answers) {
      const found = embeddedAnswer(store, query, timeMs, 'closed');
      expect(differenceOf(data, found, { ordered: query.startsWith('sort') })).toBeUndefined();
    }
  });
});
