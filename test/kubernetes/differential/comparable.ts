/** An answer without what must differ between two servers: identities, times, versions, owners of fields, addresses. */

import type { ApiAnswer } from './api-pair.ts';

/** Removed wherever they stand, with the reason. */
export const IGNORED_FIELDS: Record<string, string> = {
  uid: 'each server draws its own',
  resourceVersion: 'each server counts for itself',
  creationTimestamp: 'the requests are sent one after the other',
  deletionTimestamp: 'the requests are sent one after the other',
  lastTransitionTime: 'the requests are sent one after the other',
  managedFields: 'the issue allows it; server-side apply has tests of its own',
  nodePort: 'allocated by chance',
  storageVersionHash: 'a hash of the real storage encoding in etcd',
  remainingItemCount: 'an estimate by definition',
};

/** Texts that are replaced by what they stand for. */
const REPLACED: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b10\.(0|96)\.\d{1,3}\.\d{1,3}\b/g, 'CLUSTER-IP'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UID'],
  [/^\d+m?s$/g, 'AGE'],
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/g, 'TIME'],
];

export function comparable({ status, body }: ApiAnswer): unknown {
  return { status, body: inOneOrder(cleaned(body)) };
}

/**
 * The real server walks the fields of a custom resource in the random order of Go's maps. The sentence of a Status is made of its
 * causes, so it is compared only where there is one.
 */
function inOneOrder(body: unknown): unknown {
  const status = body as { kind?: string; message?: string; details?: { causes?: object[] } } | null;
  const causes = status?.kind === 'Status' ? (status.details?.causes ?? []) : [];
  if (causes.length < 2) return body;
  const sorted = causes.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return { ...status, message: 'see causes', details: { ...status?.details, causes: sorted } };
}

/** Status code and, for a refusal, its reason. */
export function outcome({ status, body }: ApiAnswer): { status: number; reason: unknown } {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  // The real server's plain 404 has no reason.
  return { status, reason: status === 404 ? undefined : fields.reason };
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value === 'string') return REPLACED.reduce((text, [pattern, by]) => text.replace(pattern, by), value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([name, item]) =>
          !Object.hasOwn(IGNORED_FIELDS, name) &&
          !isColumnHelp(value, name) &&
          !isServerAddress(name) &&
          item !== undefined,
      )
      .map(([name, item]) => [name, name === 'items' ? cleaned(withoutKinds(item)) : cleaned(item)]),
  );
}

/** The help texts of table columns are prose of the Kubernetes project, which the embedded server does not repeat. */
function isColumnHelp(owner: object, name: string): boolean {
  return name === 'description' && 'priority' in owner;
}

function isServerAddress(name: string): boolean {
  return name === 'serverAddress';
}

/** The real server leaves kind and apiVersion out of the items of built-in lists only; clients have to fill them in either way. */
function withoutKinds(items: unknown): unknown {
  if (!Array.isArray(items)) return items;
  return items.map((item) => {
    if (typeof item !== 'object' || item === null) return item;
    const { kind: _kind, apiVersion: _apiVersion, ...rest } = item as Record<string, unknown>;
    return rest;
  });
}
