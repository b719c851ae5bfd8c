import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { generatedFiles } from '../../scripts/generated-files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = generatedFiles();

describe('generated files', () => {
  test.each(Object.entries(files))('%s is what `npm run generate` writes', (path, text) => {
    expect(existsSync(`${root}/${path}`)).toBe(true);
    expect(readFileSync(`${root}/${path}`, 'utf8')).toBe(text);
  });

  test('are all there is in deploy/crds', () => {
    const expected = Object.keys(files).filter((path) => path.startsWith('deploy/crds/'));
    expect(
      readdirSync(`${root}/deploy/crds`)
        .map((name) => `deploy/crds/${name}`)
        .sort(),
    ).toEqual(expected.sort());
  });
});
