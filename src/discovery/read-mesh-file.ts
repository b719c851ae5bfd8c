/** Reads the file of `--mesh`. */

import { readFile } from 'node:fs/promises';
import { messageOf, SluiceError } from '../lib/errors.ts';
import type { MeshSettings, ParsedMesh } from '../mesh/schema/mesh-config.ts';
import { parseMeshText } from '../mesh/schema/mesh-text.ts';

export type MeshFile = { settings: MeshSettings; lines: string[] };

/** @throws SL0120 when the file cannot be read, SL0121 when it holds no valid settings */
export async function readMeshFile(path: string): Promise<MeshFile> {
  const text = await readFile(path, 'utf8').catch((thrown) => {
    throw new SluiceError('SL0120', `The mesh settings ${path} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  });
  const parsed = parseText(text, path);
  if (!parsed.ok) {
    const [issue] = parsed.issues;
    throw new SluiceError('SL0121', `The mesh settings ${path} are not valid: ${issue?.path}: ${issue?.message}`);
  }
  const lines = parsed.warnings.map(
    (issue) => `warning SL0302 MeshConfig ${path}: ${issue.path}: must be something that is in force here`,
  );
  return { settings: parsed.value, lines };
}

function parseText(text: string, path: string): ParsedMesh {
  try {
    return parseMeshText(text);
  } catch (thrown) {
    throw new SluiceError('SL0121', `The mesh settings ${path} are not valid: ${messageOf(thrown)}`, { cause: thrown });
  }
}
