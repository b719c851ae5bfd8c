/** The text of a file with mesh settings: a MeshConfig, bare or as `mesh` of the ConfigMap `istio`. */

import { parse } from 'yaml';
import { type ParsedMesh, parseMeshConfig } from './mesh-config.ts';

/** @throws what the YAML parser says about text that is no YAML */
export function parseMeshText(text: string): ParsedMesh {
  const document: unknown = parse(text);
  const { kind, data } = (document ?? {}) as { kind?: unknown; data?: { mesh?: unknown } };
  return parseMeshConfig(kind === 'ConfigMap' ? parse(String(data?.mesh ?? '')) : document);
}
