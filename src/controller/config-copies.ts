/**
 * The primary's copies of ConfigMaps and Secrets. Only data that was analysed is copied; what the promoted revision reads is kept
 * beside the copy until the next promotion, so that a promotion can be undone.
 */

import type { Candidate } from '../canary/rollout-record.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { CONFIG_MAP, SECRET } from '../kube/resource-types.ts';
import { shortHash } from '../lib/canonical-json.ts';
import type { World } from './gather.ts';
import { withOwner } from './primary-deployment.ts';
import { parseConfigKey } from './tracked-configs.ts';
import type { Config } from './workload.ts';

const FIELD_MANAGER = 'sluice';

export async function copyConfigs({ configs }: Candidate, world: World, client: KubeClient): Promise<void> {
  const { lookup, canary } = world;
  const promoted = canary.status?.rollout?.promoted?.configs ?? {};
  for (const [key, checksum] of Object.entries(configs)) {
    const { kind, name } = parseConfigKey(key);
    const find = (each: string) => lookup({ kind, name: each });
    const copy = find(`${name}-primary`);
    if (checksumOf(copy) === checksum) continue;
    const source = [find(name), find(`${name}-primary-before`)].find((each) => checksumOf(each) === checksum);
    if (source === undefined) continue;
    if (copy !== undefined && checksumOf(copy) === promoted[key]) {
      await write(`${name}-primary-before`, copy, { existing: find(`${name}-primary-before`), world, client });
    }
    await write(`${name}-primary`, source, { existing: copy, world, client });
  }
}

/** A copy that holds the data already stays. */
async function write(
  name: string,
  { apiVersion, kind, data, binaryData, type }: Config,
  { existing, world: { namespace, owner }, client }: { existing: Config | undefined; world: World; client: KubeClient },
): Promise<void> {
  if (existing !== undefined && shortHash([existing.data, existing.binaryData]) === shortHash([data, binaryData]))
    return;
  const copy: Config = {
    apiVersion,
    kind,
    metadata: { ...existing?.metadata, name, namespace, ownerReferences: withOwner(existing, owner) },
    ...(data !== undefined && { data }),
    ...(binaryData !== undefined && { binaryData }),
    ...(type !== undefined && { type }),
  };
  const resource = kind === 'Secret' ? SECRET : CONFIG_MAP;
  if (existing === undefined) await client.create(resource, copy, { fieldManager: FIELD_MANAGER });
  else await client.replace(resource, copy, { fieldManager: FIELD_MANAGER });
}

function checksumOf(config: Config | undefined): string | undefined {
  return config === undefined ? undefined : shortHash({ data: config.data, binaryData: config.binaryData });
}
