/** The embedded evaluator against a real Prometheus, where one is installed. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differenceOf } from './compare-answers.ts';
import { createDataset, INSTANTS_MS } from './dataset.ts';
import { embeddedAnswer, storeOf } from './embedded-answer.ts';
import { QUERIES } from './queries.ts';
import { findPrometheus, type RealPrometheus, startRealPrometheus } from './real-prometheus.ts';

const binary = findPrometheus(process.env);
const missing = 'skipped: no prometheus with promtool on the PATH and no PROMETHEUS_BIN';

describe.skipIf(binary === undefined)(`a real Prometheus${binary === undefined ? ` (${missing})` : ''}`, () => {
  const dataset = createDataset();
  const store = storeOf(dataset);
  let prometheus: RealPrometheus;

  beforeAll(async () => {
    prometheus = await startRealPrometheus(binary ?? '', dataset);
  });
  afterAll(() => prometheus?.stop());

  test.each(QUERIES)('answers %s as the embedded store does', async (query) => {
    const windows = prometheus.version.startsWith('2.') ? 'closed' : 'leftOpen';
    for (const timeMs of INSTANTS_MS) {
      const { status, body } = await prometheus.query(query, timeMs);
      expect(status, body.error).toBe(200);
      const ordered = query.startsWith('sort');
      expect(differenceOf(body.data, embeddedAnswer(store, query, timeMs, windows), { ordered })).toBeUndefined();
    }
  });
});
