/** The mesh settings of an IstioOperator, of which everything else is about installing Istio (istio.md 1.2). */

import type { KubeObject } from '../lib/resource.ts';
import type { TableIssue } from '../mesh/compile/table-issue.ts';
import { type MeshSettings, parseMeshConfig } from '../mesh/schema/mesh-config.ts';

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
  const { meshConfig, ...rest } = (operator.spec ?? {}) as Record<string, unknown>;
  const unused = Object.keys(rest).map(
    (field): TableIssue => ({
      level: 'warning',
      code: 'SL0324',
      ...about,
      path: `spec.${field}`,
      message: 'is accepted, not enforced: it is about installing Istio',
    }),
  );
  const parsed = parseMeshConfig(meshConfig);
  const found = (parsed.ok ? parsed.warnings : parsed.issues).map((issue): TableIssue => {
    const path = `spec.meshConfig.${issue.path}`;
    return parsed.ok
      ? { level: 'warning', code: 'SL0302', ...about, path, message: 'must be something that is in force here' }
      : { level: 'error', code: 'SL0300', ...about, path, message: issue.message };
  });
  return { ...(parsed.ok && { settings: parsed.value }), issues: [...unused, ...found] };
}
