/** The mesh settings of an IstioOperator, of which everything else is about installing Istio (istio.md 1.2). */

import type { KubeObject } from '../lib/resource.ts';
import type { TableIssue } from '../mesh/compile/table-issue.ts';
import { type MeshSettings, parseMeshConfig } from '../mesh/schema/mesh-config.ts';
import { meshTelemetryFields } from '../mesh/schema/mesh-telemetry-fields.ts';

/** What a proxy is told when it starts, and so only by the file of `--mesh`. */
const OF_THE_START: ReadonlySet<string> = new Set([...Object.keys(meshTelemetryFields), 'pathNormalization']);

export function isOperator(apiVersion: string): boolean {
  return apiVersion.startsWith('install.istio.io/');
}

/** @returns nothing without an IstioOperator; the settings are absent when they are not valid */
export function operatorMesh(
  objects: readonly KubeObject[],
): { settings?: MeshSettings; issues: TableIssue[] } | undefined {
  const operator = objects.find(({ apiVersion }) => isOperator(apiVersion));
  if (operator === undefined) return undefined;
  const { kind, metadata } = operator;
  const about = { kind, name: metadata.name, namespace: metadata.namespace ?? 'default' };
  const warning = (code: 'SL0302' | 'SL0324', path: string, message: string): TableIssue => ({
    level: 'warning',
    code,
    ...about,
    path: `spec.${path}`,
    message,
  });
  const { meshConfig, ...rest } = (operator.spec ?? {}) as Record<string, unknown>;
  const unused = Object.keys(rest).map((field) =>
    warning('SL0324', field, 'is accepted, not enforced: it is about installing Istio'),
  );
  const late = Object.keys((meshConfig ?? {}) as object)
    .filter((field) => OF_THE_START.has(field))
    .map((field) => warning('SL0302', `meshConfig.${field}`, 'must be in the file of --mesh: it is not in force here'));
  const parsed = parseMeshConfig(meshConfig);
  if (!parsed.ok) {
    const found = parsed.issues.map(
      ({ path, message }): TableIssue => ({
        level: 'error',
        code: 'SL0300',
        ...about,
        path: `spec.meshConfig.${path}`,
        message,
      }),
    );
    return { issues: [...unused, ...late, ...found] };
  }
  const unknown = parsed.warnings.map(({ path }) =>
    warning('SL0302', `meshConfig.${path}`, 'must be something that is in force here'),
  );
  return { settings: parsed.value, issues: [...unused, ...late, ...unknown] };
}
