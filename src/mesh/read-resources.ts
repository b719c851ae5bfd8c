/** From objects as they were written to the resources that a table is made of. A bad one is left out and reported; the others stay. */

import type { KubeObject } from '../lib/resource.ts';
import type { TableIssue } from './compile/table-issue.ts';
import { type DestinationRule, parseDestinationRule } from './schema/destination-rule.ts';
import type { ParsedIstio } from './schema/envelope.ts';
import { type Gateway, parseGateway } from './schema/gateway.ts';
import { parseServiceEntry, type ServiceEntry } from './schema/service-entry.ts';
import { parseVirtualService, type VirtualService } from './schema/virtual-service.ts';

type Kinds = {
  VirtualService: VirtualService;
  DestinationRule: DestinationRule;
  ServiceEntry: ServiceEntry;
  Gateway: Gateway;
};

/** By kind. */
export type MeshResources = { [Kind in keyof Kinds]: Kinds[Kind][] };

const PARSERS: { [Kind in keyof Kinds]: (object: unknown) => ParsedIstio<Kinds[Kind]> } = {
  VirtualService: parseVirtualService,
  DestinationRule: parseDestinationRule,
  ServiceEntry: parseServiceEntry,
  Gateway: parseGateway,
};

/** @param strict whether a field that nobody knows refuses its resource, as Istio's API server does */
export function readResources(
  objects: readonly KubeObject[],
  { strict }: { strict: boolean },
): { resources: MeshResources; issues: TableIssue[] } {
  const resources: MeshResources = { VirtualService: [], DestinationRule: [], ServiceEntry: [], Gateway: [] };
  const issues: TableIssue[] = [];
  for (const object of objects) {
    if (!isRead(object.kind)) continue;
    const parsed = parseOnce(object, object.kind);
    const isUsed = parsed.ok && (!strict || parsed.warnings.length === 0);
    if (isUsed) (resources[object.kind] as unknown[]).push(parsed.value);
    issues.push(...issuesOf(object, parsed, isUsed));
  }
  return { resources, issues };
}

function isRead(kind: string): kind is keyof Kinds {
  return Object.hasOwn(PARSERS, kind);
}

function issuesOf({ kind, metadata }: KubeObject, parsed: ParsedIstio<unknown>, isUsed: boolean): TableIssue[] {
  const about = { kind, namespace: metadata.namespace ?? 'default', name: metadata.name };
  const refused = { level: 'error', code: 'SL0300', ...about } as const;
  if (!parsed.ok) return parsed.issues.map((issue) => ({ ...refused, ...issue }));
  const unknown = isUsed ? ({ level: 'warning', code: 'SL0301', ...about } as const) : refused;
  return [
    ...parsed.warnings.map((issue) => ({ ...unknown, ...issue })),
    ...parsed.advice.map((issue) => ({ level: 'warning', code: 'SL0307', ...about, ...issue }) as const),
  ];
}

/** Objects of a watch cache are replaced, never changed, so that each is parsed once however often a table is compiled. */
const parsedObjects = new WeakMap<KubeObject, ParsedIstio<unknown>>();

function parseOnce(object: KubeObject, kind: keyof Kinds): ParsedIstio<unknown> {
  const known = parsedObjects.get(object);
  if (known !== undefined) return known;
  const parsed = PARSERS[kind](object);
  parsedObjects.set(object, parsed);
  return parsed;
}
