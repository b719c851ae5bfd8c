/** From the provider of a MetricTemplate, and the data of its Secret, to something that can be asked. */

import type { Clock } from '../lib/clock.ts';
import { createUnsupportedProvider, type MetricProvider } from './metric-provider.ts';
import type { MetricProviderSpec } from './metric-template.schema.ts';
import { createPrometheusProvider, type PrometheusProviderOptions } from './prometheus-provider.ts';

export type ProviderSecret = Readonly<Record<string, string>>;

export type CreateProviderOptions = {
  clock: Clock;
  /** Decoded data of the Secret that `secretRef` names; absent when there is no such Secret. */
  secret?: ProviderSecret;
};

/** Never throws: what is missing makes a provider whose every answer says what is missing, and the rollout holds. */
export function createProvider(spec: MetricProviderSpec, { clock, secret }: CreateProviderOptions): MetricProvider {
  if (spec.type !== 'prometheus') return createUnsupportedProvider(spec.type);
  const { address, headers = {}, insecureSkipVerify = false, secretRef } = spec;
  if (address === undefined || !URL.canParse(address)) {
    return unusable(`The provider's address must be a URL: got ${address ?? 'nothing'}`);
  }
  const credentials = secretRef === undefined ? {} : credentialsOf(secret);
  if (credentials === undefined) {
    return unusable(`The Secret ${secretRef?.name} must exist and hold token, or username and password`);
  }
  const joined = Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(', ')]));
  return createPrometheusProvider({ address, clock, headers: joined, insecureSkipVerify, ...credentials });
}

function credentialsOf(
  secret: ProviderSecret = {},
): Pick<PrometheusProviderOptions, 'token' | 'basicAuth'> | undefined {
  const own = (key: string) => (Object.hasOwn(secret, key) ? secret[key]?.trim() : undefined);
  const [token, username, password] = [own('token'), own('username'), own('password')];
  if (token !== undefined && token !== '') return { token };
  return username !== undefined && password !== undefined ? { basicAuth: { username, password } } : undefined;
}

function unusable(reason: string): MetricProvider {
  return { query: async () => ({ kind: 'unreachable', reason }) };
}
