/** Analyses YAML as `sluice analyze` does without an API server, and says it in short. */

import { parseManifests } from '../../src/kube/folder/parse-manifests.ts';
import type { ANALYSIS_CODES } from '../../src/mesh/analyze/analysis-message.ts';
import { analyze } from '../../src/mesh/analyze/analyze.ts';
import { createWorld } from '../../src/mesh/analyze/analyzed-world.ts';
import { DEFAULT_GATEWAY } from '../../src/mesh/analyze/default-gateway.ts';

/** `IST0101 VirtualService web spec.http[0].route[0].destination.host`, of the wanted codes, sorted. */
export function analysed(codes: readonly (keyof typeof ANALYSIS_CODES)[], yaml: string): string[] {
  const { documents, problems } = parseManifests('case.yaml', yaml);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
  return analyze(createWorld([...documents.map(({ object }) => object), ...DEFAULT_GATEWAY]))
    .filter(({ code }) => codes.includes(code))
    .map(({ code, object, path }) => `${code} ${object.kind} ${object.metadata.name} ${path}`)
    .sort();
}

/** One object as YAML in flow style, to be joined with others. */
export function object(kind: string, name: string, spec: object, metadata: object = {}): string {
  const apiVersion = CORE[kind] ?? 'networking.istio.io/v1';
  return `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, ...metadata }, spec })}\n`;
}

const CORE: Readonly<Record<string, string>> = {
  Service: 'v1',
  Pod: 'v1',
  Node: 'v1',
  Secret: 'v1',
  Namespace: 'v1',
  Deployment: 'apps/v1',
  RequestAuthentication: 'security.istio.io/v1',
};
