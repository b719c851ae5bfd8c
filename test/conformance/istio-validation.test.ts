/** What Istio's own validation says of its resources (test/conformance/istio/validation-cases.json), asked of the strict reader. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readResources } from '../../src/mesh/read-resources.ts';

type Row = {
  test: string;
  name: string;
  kind?: string;
  spec?: unknown;
  valid: boolean;
  warning?: boolean;
  metadataName?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};

const KINDS = ['VirtualService', 'DestinationRule', 'ServiceEntry', 'WorkloadEntry', 'Gateway', 'Sidecar'];

/** Rows that we judge differently, and why. */
const DIFFERENT: Record<string, string> = {
  'valid mirror percentage': 'a match entry null is refused, as it is wherever a list has one',
  'mirrors valid mirror percentage': 'as above',
};

/** Rows that are as valid as Istio says, and that we say more or less about. */
const OTHER_WARNINGS: Record<string, string> = {
  'uri and authority': 'a rewrite that swallows a slash is warned about',
  'valid: zoneAwareLbSetting only': 'the outlier detection of the row is not in its spec',
};

const rows = (
  JSON.parse(readFileSync(new URL('istio/validation-cases.json', import.meta.url), 'utf8')) as Row[]
).filter(({ kind = '', name }) => KINDS.includes(kind) && DIFFERENT[name] === undefined);

function issuesOf({ kind = '', spec, metadataName: name = 'tested', namespace = 'default', labels, annotations }: Row) {
  const metadata = { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) };
  const object = { apiVersion: 'networking.istio.io/v1', kind, metadata, spec };
  return readResources([object], { strict: true }).issues;
}

test.each(rows)('$kind $test: $name', (row) => {
  const issues = issuesOf(row);
  expect(issues.every(({ level }) => level !== 'error')).toBe(row.valid);
  if (row.valid && OTHER_WARNINGS[row.name] === undefined) expect(issues.length > 0).toBe(row.warning);
});
