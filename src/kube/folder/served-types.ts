/** Everything that an API server serves, by discovery. */

import type { ResourceType } from '../../lib/resource.ts';
import type { KubeClient } from '../kube-client.ts';

export type ServedType = ResourceType & { verbs: readonly string[] };

/** The kinds of all groups and versions; a group that does not answer is left out. */
export async function servedTypes(client: KubeClient): Promise<ServedType[]> {
  const groups = await readJson<{ groups?: { versions: { groupVersion: string }[] }[] }>(client, '/apis');
  const versions = (groups?.groups ?? []).flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion));
  const lists = await Promise.all(['v1', ...versions].map((groupVersion) => typesOf(client, groupVersion)));
  return lists.flat();
}

type Resource = { name: string; kind: string; namespaced: boolean; verbs?: string[] };

async function typesOf(client: KubeClient, groupVersion: string): Promise<ServedType[]> {
  const [group = '', version = ''] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const { resources = [] } = (await readJson<{ resources?: Resource[] }>(client, path)) ?? {};
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, verbs = [] }) => ({ group, version, kind, plural: name, namespaced, verbs }));
}

async function readJson<T>(client: KubeClient, path: string): Promise<T | undefined> {
  const { status, text } = await client.raw({ method: 'GET', path, headers: { accept: 'application/json' } });
  return status === 200 ? (JSON.parse(text) as T) : undefined;
}

/** The served kinds that somebody may have meant: the same name elsewhere, or a name that differs by a letter or two. */
export function similarTypes(apiVersion: string, kind: string, served: readonly ServedType[]): string[] {
  const wanted = `${apiVersion} ${kind}`.toLowerCase();
  const near = served
    .map((type) => ({ ...type, text: `${type.group === '' ? '' : `${type.group}/`}${type.version} ${type.kind}` }))
    .map(({ text, kind: name }) => ({
      text,
      distance: Math.min(editDistance(text.toLowerCase(), wanted), name === kind ? 1 : Number.POSITIVE_INFINITY),
    }))
    .filter(({ distance }) => distance <= 2);
  return near.sort((one, other) => one.distance - other.distance).map(({ text }) => text);
}

/** Levenshtein: the least number of letters to insert, remove or replace. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
