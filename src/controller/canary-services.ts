/** The three Services of a Canary: apex and `-primary` select the primary's pods, `-canary` the target's (flagger.md 3.7). */

import type { CanarySpec } from '../canary/canary.schema.ts';
import { canonicalJson } from '../lib/canonical-json.ts';
import type { OwnerReference } from '../lib/resource.ts';
import { withOwner } from './primary-deployment.ts';
import type { Deployment, Service, ServicePort } from './workload.ts';

export type ServiceNames = { apex: string; primary: string; canary: string };

export function serviceNames({ service, targetRef }: CanarySpec): ServiceNames {
  const apex = service?.name ?? targetRef.name;
  return { apex, primary: `${apex}-primary`, canary: `${apex}-canary` };
}

type ServicesInput = {
  spec: CanarySpec;
  namespace: string;
  target: Deployment;
  label: { key: string; value: string };
  owner: OwnerReference;
  /** Whom the apex Service selects: the target until the primary is ready, so that a service that answers goes on answering. */
  apexServes: 'primary' | 'target';
};

/** GitOps controllers must not undo what the rollout writes. */
export const UNMANAGED_ANNOTATIONS = {
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
};

export function renderServices({ spec, namespace, target, label, owner, apexServes }: ServicesInput): Service[] {
  const { apex, primary, canary } = serviceNames(spec);
  const stable = { [label.key]: `${label.value}-primary` };
  const candidate = { [label.key]: label.value };
  const render = (name: string, role: 'apex' | 'primary' | 'canary', selector: Record<string, string>): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace,
      labels: { ...spec.service?.[role]?.labels, [label.key]: name },
      annotations: { ...spec.service?.[role]?.annotations, ...UNMANAGED_ANNOTATIONS },
      ownerReferences: [owner],
    },
    spec: { ...(spec.service?.headless === true && { clusterIP: 'None' }), selector, ports: portsOf(spec, target) },
  });
  return [
    render(canary, 'canary', candidate),
    render(primary, 'primary', stable),
    render(apex, 'apex', apexServes === 'primary' ? stable : candidate),
  ];
}

/**
 * The write that makes `existing` what is wanted, or `undefined` when it is. A Service that somebody else made is adopted: its type,
 * its cluster address and its node ports stay, and it is not ours to be collected.
 */
export function serviceChange(wanted: Service, existing: Service): Service | undefined {
  const ports = (wanted.spec.ports ?? []).map((port) => keepNodePort(port, existing.spec.ports ?? []));
  const isOwned = (existing.metadata.ownerReferences ?? []).some(
    ({ uid }) => uid === wanted.metadata.ownerReferences?.[0]?.uid,
  );
  const changed: Service = {
    ...existing,
    metadata: {
      ...existing.metadata,
      labels: isOwned ? { ...existing.metadata.labels, ...wanted.metadata.labels } : (existing.metadata.labels ?? {}),
      annotations: { ...existing.metadata.annotations, ...wanted.metadata.annotations },
    },
    spec: { ...existing.spec, ...(wanted.spec.selector !== undefined && { selector: wanted.spec.selector }), ports },
  };
  const isSame =
    canonicalJson(portKeys(ports)) === canonicalJson(portKeys(existing.spec.ports ?? [])) &&
    canonicalJson(changed.spec.selector) === canonicalJson(existing.spec.selector) &&
    canonicalJson(changed.metadata.labels) === canonicalJson(existing.metadata.labels ?? {}) &&
    canonicalJson(changed.metadata.annotations) === canonicalJson(existing.metadata.annotations ?? {});
  return isSame ? undefined : changed;
}

/** The apex Service as it shall survive the Canary: selecting the target, owned by nobody. */
export function releasedService(existing: Service, owner: OwnerReference, selector: Record<string, string>): Service {
  const owners = withOwner(existing, owner).filter(({ uid }) => uid !== owner.uid);
  return {
    ...existing,
    metadata: { ...existing.metadata, ownerReferences: owners },
    spec: { ...existing.spec, selector },
  };
}

function portsOf({ service }: CanarySpec, target: Deployment): ServicePort[] {
  if (service === undefined) return [];
  const first: ServicePort = {
    name: service.portName ?? 'http',
    protocol: 'TCP',
    port: service.port,
    targetPort: service.targetPort === undefined || service.targetPort === 0 ? service.port : service.targetPort,
    ...(service.appProtocol !== undefined && { appProtocol: service.appProtocol }),
  };
  return service.portDiscovery === true ? [first, ...discoveredPorts(target, first)] : [first];
}

function discoveredPorts({ spec }: Deployment, first: ServicePort): ServicePort[] {
  const proxies = ['istio-proxy', 'envoy'];
  return (spec.template.spec?.containers ?? [])
    .filter(({ name = '' }) => !proxies.includes(name))
    .flatMap(({ name = '', ports = [] }) =>
      ports.map((port, index) => ({ ...port, name: port.name ?? `tcp-${name}-${index}` })),
    )
    .filter(
      ({ name, containerPort }) => ![first.port, first.targetPort].includes(containerPort) && name !== first.targetPort,
    )
    .map(({ name, containerPort }) => ({ name, protocol: 'TCP', port: containerPort, targetPort: containerPort }));
}

function keepNodePort(port: ServicePort, existing: readonly ServicePort[]): ServicePort {
  const nodePort = existing.find(({ name }) => name === port.name)?.nodePort;
  return nodePort === undefined ? port : { ...port, nodePort };
}

function portKeys(ports: readonly ServicePort[]) {
  return ports.map(({ name, protocol = 'TCP', port, targetPort = port, appProtocol }) => ({
    ...{ name, protocol, port, appProtocol },
    targetPort,
  }));
}
