/** Under which names a service is reached through the proxy. */

import type { Caller, MeshService } from './mesh-input.ts';

/** The namespace whose services have the shortest names. */
const DEFAULT_NAMESPACE = 'default';

type NameSite = {
  /** How many services have this name, in all namespaces. */
  sameName: number;
  caller: Caller;
};

/**
 * Kubernetes' names (with Envoy's trailing dot), `NAME.localhost` for browsers on one machine, and the virtual addresses. The bare
 * name is given to a caller of the same namespace; without a caller in namespace `default`, elsewhere only if no other service has
 * it. A host outside the cluster's domain has no other names.
 */
export function serviceNames(service: MeshService, site: NameSite): string[] {
  const addresses = (service.addresses ?? []).map((address) => (address.includes(':') ? `[${address}]` : address));
  return [...dnsNames(service, site), ...addresses];
}

function dnsNames({ host }: MeshService, { sameName, caller }: NameSite): string[] {
  const [, name, namespace] = KUBERNETES_HOST.exec(host) ?? [];
  if (name === undefined || namespace === undefined) return [host];
  const names = [
    host,
    `${host}.`,
    `${name}.${namespace}.svc`,
    `${name}.${namespace}`,
    `${name}.${namespace}.localhost`,
  ];
  if (namespace === (caller.namespace ?? DEFAULT_NAMESPACE)) names.push(name, `${name}.localhost`);
  else if (caller.namespace === undefined && sameName === 1) names.push(name);
  return names;
}

const KUBERNETES_HOST = /^([^.*]+)\.([^.]+)\.svc\.cluster\.local$/;

/**
 * Domains of one port. The first HTTP port has the bare names, and so every Host with any port that no other has; further
 * ports are told apart by the port in Host.
 */
export function portDomains(names: readonly string[], port: number, isFirst: boolean): string[] {
  return isFirst ? [...names] : names.map((name) => `${name}:${port}`);
}
