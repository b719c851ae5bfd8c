/** Whom a check of a MetricTemplate asks: its own server, with the credentials that its Secret holds at this moment. */

import type { KubeClient } from '../kube/kube-client.ts';
import { SECRET } from '../kube/resource-types.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { CheckProvider } from '../metrics/check.ts';
import { createProvider, type ProviderSecret } from '../metrics/create-provider.ts';
import type { MetricProvider } from '../metrics/metric-provider.ts';
import type { Config } from './workload.ts';

type Template = Extract<CheckProvider, { kind: 'template' }>;

/** Never rejects: credentials that cannot be read make a provider whose every answer says so, and the rollout holds. */
export async function templateProvider(
  { namespace, name, spec }: Template,
  { client, clock }: { client: Pick<KubeClient, 'get'>; clock: Clock },
): Promise<MetricProvider> {
  if (spec.secretRef === undefined) return createProvider(spec, { clock });
  const whose = `The Secret ${namespace}/${spec.secretRef.name} of MetricTemplate ${name}`;
  try {
    // Not from the caches: they may watch one namespace only, and a template may stand in another one.
    const secret = await client.get<Config>(SECRET, { namespace, name: spec.secretRef.name });
    if (secret === undefined) return silent(`${whose} does not exist`);
    return createProvider(spec, { clock, secret: decoded(secret) });
  } catch (thrown) {
    return silent(`${whose} cannot be read: ${messageOf(thrown)}`);
  }
}

function decoded({ data = {} }: Config): ProviderSecret {
  return Object.fromEntries(
    Object.entries(data).map(([key, encoded]) => [key, Buffer.from(encoded, 'base64').toString('utf8')]),
  );
}

function silent(reason: string): MetricProvider {
  return { query: async () => ({ kind: 'unreachable', reason }) };
}
