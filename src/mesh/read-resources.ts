/** From objects as they were written to the resources that a table is made of. A bad one is left out and reported; the others stay. */

import { perObject } from '../lib/per-object.ts';
import type { KubeObject } from '../lib/resource.ts';
import type { TableIssue } from './compile/table-issue.ts';
import { UNENFORCED_KINDS } from './legacy/retired-kinds.ts';
import { rewriteLegacy } from './legacy/rewrite-legacy.ts';
import { joinSlowStart, slowStartRule } from './legacy/slow-start-filter.ts';
import { type DestinationRule, parseDestinationRule } from './schema/destination-rule.ts';
import type { ParsedIstio } from './schema/envelope.ts';
import { type Gateway, parseGateway } from './schema/gateway.ts';
import { qualifyHost } from './schema/host-name.ts';
import type { RetriesSpec } from './schema/http-route.ts';
import { parseServiceEntry, type ServiceEntry } from './schema/service-entry.ts';
import { parseSidecar, type Sidecar } from './schema/sidecar.ts';
import { parseVirtualService, type VirtualService } from './schema/virtual-service.ts';
import { parseWorkloadEntry, type WorkloadEntry } from './schema/workload-entry.ts';

type Kinds = {
  VirtualService: VirtualService;
  DestinationRule: DestinationRule;
  ServiceEntry: ServiceEntry;
  Gateway: Gateway;
  Sidecar: Sidecar;
  WorkloadEntry: WorkloadEntry;
};

/** By kind. */
export type MeshResources = { [Kind in keyof Kinds]: Kinds[Kind][] } & {
  /** Retries for rules that have none, which old DestinationRules ask for, by host in full. */
  retries: Map<string, RetriesSpec>;
};

const PARSERS: { [Kind in keyof Kinds]: (object: unknown) => ParsedIstio<Kinds[Kind]> } = {
  VirtualService: parseVirtualService,
  DestinationRule: parseDestinationRule,
  ServiceEntry: parseServiceEntry,
  Gateway: parseGateway,
  Sidecar: parseSidecar,
  WorkloadEntry: parseWorkloadEntry,
};

/**
 * @param objects of Istio's API groups
 * @param strict whether what Istio's API server refuses is refused, instead of translated or ignored
 */
export function readResources(
  objects: readonly KubeObject[],
  { strict }: { strict: boolean },
): { resources: MeshResources; issues: TableIssue[] } {
  const resources: MeshResources = {
    VirtualService: [],
    DestinationRule: [],
    ServiceEntry: [],
    Gateway: [],
    Sidecar: [],
    WorkloadEntry: [],
    retries: new Map(),
  };
  const issues: TableIssue[] = [];
  const slowStarts: DestinationRule[] = [];
  for (const object of objects) {
    const slowStart = strict || object.kind !== 'EnvoyFilter' ? undefined : slowStartRule(object, metaOf(object));
    if (slowStart !== undefined) {
      slowStarts.push(slowStart);
      const message = 'must be written loadBalancer.warmup in a DestinationRule: it is taken as that';
      issues.push({ level: 'warning', code: 'SL0320', ...aboutOf(object), path: 'spec.configPatches', message });
      continue;
    }
    const reading = (strict ? readStrictly : readLeniently)(object);
    for (const issue of reading.issues) issues.push(issue);
    if (reading.used !== undefined) keep(reading.used, resources);
  }
  resources.DestinationRule = joinSlowStart(resources.DestinationRule, slowStarts);
  return { resources, issues };
}

type Reading = {
  /** Absent: the object is left out. */
  used?: { kind: keyof Kinds; value: unknown; retries: RetriesSpec | undefined };
  issues: readonly TableIssue[];
};

// Objects are replaced, never changed, so that each is read once however often a table is compiled.
const readStrictly = perObject((object: KubeObject) => readOne(object, true));
const readLeniently = perObject((object: KubeObject) => readOne(object, false));

function readOne(object: KubeObject, strict: boolean): Reading {
  const rewritten = rewriteLegacy(object, { strict });
  const about = aboutOf(object);
  const found = rewritten.findings.map((finding) => ({ ...about, ...finding }));
  if (found.some(({ level }) => level === 'error')) return { issues: found };
  const { kind } = rewritten.object;
  if (!isRead(kind)) return { issues: [...found, unread(rewritten.object)] };
  const parsed = PARSERS[kind](rewritten.object);
  const isUsed = parsed.ok && (!strict || parsed.warnings.length === 0);
  return {
    issues: [...found, ...issuesOf(object, parsed, isUsed)],
    ...(isUsed && { used: { kind, value: parsed.value, retries: rewritten.retries } }),
  };
}

function keep({ kind, value, retries }: NonNullable<Reading['used']>, resources: MeshResources): void {
  (resources[kind] as unknown[]).push(value);
  if (retries !== undefined) keepRetries(retries, value, resources);
}

function isRead(kind: string): kind is keyof Kinds {
  return Object.hasOwn(PARSERS, kind);
}

function keepRetries(retries: RetriesSpec, rule: unknown, resources: MeshResources): void {
  const { metadata, spec } = rule as DestinationRule;
  const host = qualifyHost(spec.host, metadata.namespace);
  if (!resources.retries.has(host)) resources.retries.set(host, retries);
}

function unread(object: KubeObject): TableIssue {
  const about = { level: 'warning', ...aboutOf(object), path: 'kind' } as const;
  const group = object.apiVersion.split('/')[0] ?? '';
  return UNENFORCED_KINDS.has(`${group}/${object.kind}`)
    ? { ...about, code: 'SL0324', message: `is accepted, not enforced: ${object.kind}` }
    : { ...about, code: 'SL0325', message: `must be a known kind of ${group}: got ${object.kind}` };
}

function issuesOf(object: KubeObject, parsed: ParsedIstio<unknown>, isUsed: boolean): TableIssue[] {
  const about = aboutOf(object);
  const refused = { level: 'error', code: 'SL0300', ...about } as const;
  if (!parsed.ok) return parsed.issues.map((issue) => ({ ...refused, ...issue }));
  const unknown = isUsed ? ({ level: 'warning', code: 'SL0301', ...about } as const) : refused;
  return [
    ...parsed.warnings.map((issue) => ({ ...unknown, ...issue })),
    ...parsed.advice.map((issue) => ({ level: 'warning', code: 'SL0307', ...about, ...issue }) as const),
  ];
}

function aboutOf({ kind, metadata }: KubeObject): Pick<TableIssue, 'kind' | 'namespace' | 'name'> {
  return { kind, namespace: metadata.namespace ?? 'default', name: metadata.name };
}

function metaOf({ metadata }: KubeObject): DestinationRule['metadata'] {
  const { name, namespace = 'default', creationTimestamp = '', generation = 0 } = metadata;
  return { name, namespace, creationTimestamp, generation };
}
