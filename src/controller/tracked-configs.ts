/**
 * ConfigMaps and Secrets that a pod template refers to: part of a revision, and copied for the primary, so that the primary never
 * reads what was not analysed. Binary data counts too, and only the data does.
 */

import { canonicalJson, shortHash } from '../lib/canonical-json.ts';
import type { Config, Container, EnvSource, PodTemplate } from './workload.ts';

export type ConfigRef = { kind: 'configmap' | 'secret'; name: string };

/** Values that start with `disable` exempt an object: not tracked, not copied, shared by primary and canary. */
const TRACKING_ANNOTATION = 'flagger.app/config-tracking';
/** Secrets of other types belong to service accounts, Helm or certificates, and are nobody's configuration. */
const SECRET_TYPES = ['Opaque', 'kubernetes.io/basic-auth', 'kubernetes.io/ssh-auth', 'kubernetes.io/tls'];

export type ConfigLookup = (ref: ConfigRef) => Config | undefined;

/** `configmap/NAME` or `secret/NAME` to a checksum of the data; `missing` for what does not exist. */
export function configChecksums(template: PodTemplate, lookup: ConfigLookup): Record<string, string> {
  const checksums: Record<string, string> = {};
  for (const ref of configRefs(template)) {
    const config = lookup(ref);
    if (config !== undefined && !isTracked(ref, config)) continue;
    checksums[configKey(ref)] =
      config === undefined ? 'missing' : shortHash({ data: config.data, binaryData: config.binaryData });
  }
  return checksums;
}

export function configKey({ kind, name }: ConfigRef): string {
  return `${kind}/${name}`;
}

export function parseConfigKey(key: string): ConfigRef {
  const [kind, name = ''] = key.split('/');
  return { kind: kind === 'secret' ? 'secret' : 'configmap', name };
}

/** The template with every tracked reference pointing at the primary's copy. */
export function withPrimaryConfigs(template: PodTemplate, tracked: Readonly<Record<string, string>>): PodTemplate {
  return withConfigNames(template, (kind, name) =>
    tracked[`${kind}/${name}`] === undefined ? name : `${name}-primary`,
  );
}

/** The way back: references to copies point at what they are copies of, where that exists. */
export function withoutPrimaryConfigs(template: PodTemplate, lookup: ConfigLookup): PodTemplate {
  return withConfigNames(template, (kind, name) => {
    const original = name.replace(/-primary$/, '');
    return lookup({ kind, name: original }) === undefined ? name : original;
  });
}

function withConfigNames(
  template: PodTemplate,
  nameOf: (kind: ConfigRef['kind'], name: string) => string,
): PodTemplate {
  const copy = JSON.parse(JSON.stringify(template)) as PodTemplate;
  const rename = (kind: ConfigRef['kind'], source: EnvSource | undefined) => {
    if (source?.name !== undefined) source.name = nameOf(kind, source.name);
  };
  for (const container of containersOf(copy)) visitContainer(container, rename);
  for (const { configMap, secret, projected } of copy.spec?.volumes ?? []) {
    rename('configmap', configMap);
    if (secret?.secretName !== undefined) secret.secretName = nameOf('secret', secret.secretName);
    for (const source of projected?.sources ?? []) {
      rename('configmap', source.configMap);
      rename('secret', source.secret);
    }
  }
  return copy;
}

function configRefs(template: PodTemplate): ConfigRef[] {
  const found = new Map<string, ConfigRef>();
  const add = (kind: ConfigRef['kind'], source: EnvSource | undefined) => {
    if (source?.name !== undefined) found.set(`${kind}/${source.name}`, { kind, name: source.name });
  };
  for (const container of containersOf(template)) visitContainer(container, add);
  for (const { configMap, secret, projected } of template.spec?.volumes ?? []) {
    add('configmap', configMap);
    add('secret', secret?.secretName === undefined ? undefined : { name: secret.secretName });
    for (const source of projected?.sources ?? []) {
      add('configmap', source.configMap);
      add('secret', source.secret);
    }
  }
  return [...found.values()].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
}

function containersOf({ spec }: PodTemplate): Container[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

function visitContainer(
  { env = [], envFrom = [] }: Container,
  visit: (kind: ConfigRef['kind'], source: EnvSource | undefined) => void,
): void {
  for (const { valueFrom } of env) {
    visit('configmap', valueFrom?.configMapKeyRef);
    visit('secret', valueFrom?.secretKeyRef);
  }
  for (const { configMapRef, secretRef } of envFrom) {
    visit('configmap', configMapRef);
    visit('secret', secretRef);
  }
}

function isTracked({ kind }: ConfigRef, { metadata, type = 'Opaque' }: Config): boolean {
  if (metadata.annotations?.[TRACKING_ANNOTATION]?.startsWith('disable') === true) return false;
  return kind === 'configmap' || SECRET_TYPES.includes(type);
}
