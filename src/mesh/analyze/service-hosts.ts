/** Hosts that a VirtualService or DestinationRule may speak of: Services, and ServiceEntries as far as they are exported. */

import type { KubeObject } from '../../lib/resource.ts';
import { CLUSTER_DOMAIN } from '../schema/host-name.ts';
import { type AnalyzedWorld, namespaceOf } from './analyzed-world.ts';
import { fieldsOf, listOf, mapOf, numberOf, textsOf } from './loose-fields.ts';

export type KnownHost = {
  ports: readonly number[];
  /** Labels of the pods behind it. */
  selector: Readonly<Record<string, string>>;
};

export type HostQuery = { host: string; namespace: string; exportTo: readonly string[] };

export type ServiceHosts = { find(query: HostQuery): KnownHost | undefined };

const EVERYBODY = '*';
const EXPORT_ANNOTATION = 'networking.istio.io/exportTo';

/** Keys are `namespace that sees it/host`. */
export function indexHosts({ ofKind }: AnalyzedWorld): ServiceHosts {
  const known = new Map<string, KnownHost>();
  for (const entry of ofKind('ServiceEntry')) {
    const { hosts, ports, workloadSelector } = fieldsOf(entry.spec);
    const selector = mapOf(fieldsOf(workloadSelector).labels);
    for (const scope of scopesOf(entry, textsOf(fieldsOf(entry.spec).exportTo)))
      for (const host of textsOf(hosts)) {
        known.set(`${scope}/${inFull(host, namespaceOf(entry))}`, { ports: numbersOf(ports, 'number'), selector });
      }
  }
  for (const service of ofKind('Service')) {
    const { ports, selector } = fieldsOf(service.spec);
    const exported = mapOf(service.metadata.annotations)[EXPORT_ANNOTATION];
    const scopes = scopesOf(service, exported === undefined || exported === '' ? [] : exported.split(','));
    const host = inFull(service.metadata.name, namespaceOf(service));
    for (const scope of scopes)
      known.set(`${scope}/${host}`, { ports: numbersOf(ports, 'port'), selector: mapOf(selector) });
  }
  const wildcards = [...known].filter(([key]) => key.includes('/*'));
  return { find: (query) => lookUp(known, wildcards, query) };
}

/** A short name is completed with the namespace of the object that uses it. */
export function inFull(host: string, namespace: string): string {
  return host.includes('.') || host.startsWith('*') ? host : `${host}.${namespace}.svc.${CLUSTER_DOMAIN}`;
}

/** The namespaces that see an object, `*` for all. */
export function scopesOf(object: KubeObject, exportTo: readonly string[]): string[] {
  if (exportTo.length === 0 || exportTo.includes(EVERYBODY)) return [EVERYBODY];
  return [...new Set(exportTo.map((scope) => (scope === '.' ? namespaceOf(object) : scope)))];
}

// Exact names first, then wildcards; what is exported to everybody counts for everybody.
function lookUp(
  known: ReadonlyMap<string, KnownHost>,
  wildcards: readonly (readonly [key: string, found: KnownHost])[],
  { host, namespace, exportTo }: HostQuery,
): KnownHost | undefined {
  const name = inFull(host, namespace);
  const callers = exportTo.length === 0 ? [namespace] : exportTo.map((scope) => (scope === '.' ? namespace : scope));
  for (const scope of [EVERYBODY, ...callers]) {
    const exact = known.get(`${scope}/${name}`);
    if (exact !== undefined) return exact;
  }
  for (const [key, found] of wildcards) {
    const [scope = '', pattern = ''] = key.split('/');
    const isVisible = scope === EVERYBODY || scope === namespace;
    if (isVisible && host.replace(/^\*/, '').endsWith(pattern.slice(1))) return found;
  }
  return undefined;
}

function numbersOf(ports: unknown, field: string): number[] {
  return listOf(ports).flatMap((port) => numberOf(fieldsOf(port)[field]) ?? []);
}
