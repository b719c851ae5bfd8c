/** Examples of old articles, as somebody would put them into a folder: default mode, and `--strict`. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFolderTable } from '../../src/discovery/read-folder-table.ts';
import { ARTICLE_EXAMPLES } from './article-examples.ts';

const WEB = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: neighbour }
spec:
  hosts: [neighbour.default.svc.cluster.local]
  resolution: STATIC
  ports: [{ number: 9080, name: http, protocol: HTTP }]
  endpoints: [{ address: 127.0.0.1 }]
`;

/** What is said about any resource whose destinations are not there, or that the proxy serves in part. */
const USUAL = ['SL0302', 'SL0303'];

async function read(yaml: string, strict: boolean) {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-article-'));
  try {
    await writeFile(join(dir, 'example.yaml'), `${yaml}---\n${WEB}`);
    const caller = { namespace: 'default', labels: {} };
    return await readFolderTable({ dir, role: 'sidecar', caller, strict });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** `SL0320` for a warning, `error SL0300` for what is left out; several errors about one thing count once. */
function codesOf(lines: readonly string[]): string[] {
  const codes = lines.map((line) => /^(error )?(?:warning )?(SL\d{4})/.exec(line)?.slice(1).join('') ?? line);
  const errors = [
    ...new Set(codes.filter((code) => code.startsWith('error SL0300') || code.startsWith('error SL0121'))),
  ];
  const rest = codes.filter((code) => !errors.includes(code) && !USUAL.includes(code));
  return [...errors, ...rest].sort();
}

describe.each(ARTICLE_EXAMPLES)('$name', ({ yaml, says = [], strict = says }) => {
  test.each([
    { mode: 'by default', isStrict: false, expected: says },
    { mode: 'with --strict', isStrict: true, expected: strict },
  ])('$mode', async ({ isStrict, expected }) => {
    const { lines, table } = await read(yaml, isStrict);
    expect(codesOf(lines), lines.join('\n')).toEqual(expected.toSorted());
    expect(Object.keys(table.virtualHosts)).toContain('neighbour.default.svc.cluster.local:9080');
  });
});

test('a broken document is told with file, line and column', async () => {
  const { lines } = await read('kind: [\n', false);
  expect(lines).toEqual([expect.stringMatching(/^error SL0121 example\.yaml:\d+:\d+: /)]);
});
