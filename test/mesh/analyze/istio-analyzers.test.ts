/** What Istio's own analyzers say about Istio's own examples (test/conformance/istio/analyzers), as codes and resources. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseManifests } from '../../../src/kube/folder/parse-manifests.ts';
import { ANALYSIS_CODES } from '../../../src/mesh/analyze/analysis-message.ts';
import { ANALYZERS, analyze } from '../../../src/mesh/analyze/analyze.ts';
import { createWorld } from '../../../src/mesh/analyze/analyzed-world.ts';
import { DEFAULT_GATEWAY } from '../../../src/mesh/analyze/default-gateway.ts';
import { originOf } from '../../../src/mesh/analyze/finding.ts';

type Case = {
  name: string;
  files: string[];
  meshConfig?: string;
  analyzer: string;
  expected: { code: string; resource: string }[];
};

const textOf = (file: string): string =>
  readFileSync(new URL(`../../conformance/istio/analyzers/${file}`, import.meta.url), 'utf8');

const cases = JSON.parse(textOf('expected.json')) as Case[];

describe.each(cases)('$analyzer: $name', ({ files, meshConfig, analyzer, expected }) => {
  test('says what Istio says', () => {
    const objects = files.flatMap((file) => parseManifests(file, textOf(file)).documents.map(({ object }) => object));
    const world = createWorld(
      [...objects, ...DEFAULT_GATEWAY],
      meshConfig === undefined ? {} : parse(textOf(meshConfig)),
    );
    const chosen = ANALYZERS.filter(({ name }) => name === analyzer);
    expect(chosen).not.toEqual([]);
    const found = analyze(world, chosen).map(({ code, object }) => `${code} ${originOf(object)}`);
    expect(found.sort()).toEqual(expected.map(({ code, resource }) => `${code} ${resource}`).sort());
  });
});

test('every code has the name and the level that Istio gives it', () => {
  const codes = JSON.parse(textOf('message-codes.json')) as { code: string; name: string; level: string }[];
  const known = new Map(codes.map(({ code, ...rest }) => [code, rest]));
  for (const [code, meaning] of Object.entries(ANALYSIS_CODES))
    expect([code, meaning]).toEqual([code, known.get(code)]);
});
