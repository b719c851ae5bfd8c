/** What a path of the Kubernetes API points at: `/apis/apps/v1/namespaces/shop/deployments/web/scale`. */

export type ResourceTarget = {
  group: string;
  version: string;
  plural: string;
  namespace?: string;
  name?: string;
  subresource?: string;
};

/** These follow a namespace's own name, and are not resources inside it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** @returns `undefined` when the path names no resource, as those of discovery do */
export function parseTarget(path: string): ResourceTarget | undefined {
  // Two slashes in a row name nothing, wherever they stand; one at the end is forgiven.
  const parts = path.includes('//') ? undefined : decodeParts(path);
  if (parts === undefined) return undefined;
  const [root, ...rest] = parts;
  if (root === 'api') return resourceIn({ group: '', version: rest[0] ?? '' }, rest.slice(1));
  if (root === 'apis') return resourceIn({ group: rest[0] ?? '', version: rest[1] ?? '' }, rest.slice(2));
  return undefined;
}

function decodeParts(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

type GroupVersion = { group: string; version: string };

function resourceIn(groupVersion: GroupVersion, parts: readonly string[]): ResourceTarget | undefined {
  const [first, second, third] = parts;
  const insideNamespace = first === 'namespaces' && third !== undefined && !NAMESPACE_SUBRESOURCES.has(third);
  if (insideNamespace && second !== undefined) return target({ ...groupVersion, namespace: second }, parts.slice(2));
  return target(groupVersion, parts);
}

function target(
  place: GroupVersion & { namespace?: string },
  [plural, name, subresource, ...beyond]: readonly string[],
): ResourceTarget | undefined {
  if (plural === undefined || beyond.length > 0) return undefined;
  return {
    ...place,
    plural,
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
