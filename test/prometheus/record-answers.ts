/** Records a real Prometheus' answers: `node test/prometheus/record-answers.ts`. Run it when queries or dataset change. */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createDataset, INSTANTS_MS } from './dataset.ts';
import { QUERIES } from './queries.ts';
import { findPrometheus, startRealPrometheus } from './real-prometheus.ts';

const binary = findPrometheus(process.env);
if (binary === undefined) throw new Error('Needs a prometheus with its promtool on the PATH, or PROMETHEUS_BIN');
const prometheus = await startRealPrometheus(binary, createDataset());
try {
  const answers = [];
  for (const query of QUERIES) {
    for (const timeMs of INSTANTS_MS) {
      const { status, body } = await prometheus.query(query, timeMs);
      if (status !== 200) throw new Error(`Prometheus refused ${query}: ${body.error}`);
      answers.push({ query, timeMs, data: body.data });
    }
  }
  const file = fileURLToPath(new URL('../fixtures/promql/answers.json', import.meta.url));
  const rows = answers.map((answer) => JSON.stringify(answer)).join(',\n');
  writeFileSync(file, `{"version":${JSON.stringify(prometheus.version)},"answers":[\n${rows}\n]}\n`);
} finally {
  await prometheus.stop();
}
