/** The environment of a pod's process: what the platform gives, then envFrom, then env, each able to refer to what came before. */

import type { ObjectRef } from '../../lib/resource.ts';
import { expandVariables } from './expand-variables.ts';
import type { Container, EnvSource, ListenPorts, Pod } from './pod.ts';

/** Reads the values of a ConfigMap or of a Secret (decoded); `undefined` when it does not exist. */
export type ReadValues = (kind: 'ConfigMap' | 'Secret', ref: ObjectRef) => Promise<Record<string, string> | undefined>;

export type EnvironmentInput = {
  pod: Pod;
  container: Container;
  podIP: string;
  listen: ListenPorts;
  /** The only variables of the platform's own environment that a pod sees. */
  baseEnv: Readonly<Record<string, string>>;
  readValues: ReadValues;
};

export type Environment = { ok: true; env: Record<string, string> } | { ok: false; message: string };

type Value = { ok: true; value: string | undefined } | { ok: false; message: string };

/** Resolves every reference; one that is missing and not optional is the message of a `CreateContainerConfigError`. */
export async function podEnvironment(input: EnvironmentInput): Promise<Environment> {
  const { pod, container, listen, baseEnv, readValues } = input;
  const { namespace } = pod.metadata;
  const own: Record<string, string> = { ...portVariables(container, listen) };
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const kind = configMapRef === undefined ? 'Secret' : 'ConfigMap';
    const ref = configMapRef ?? secretRef;
    if (ref === undefined) continue;
    const values = await readValues(kind, { namespace, name: ref.name });
    if (values === undefined && !ref.optional) return { ok: false, message: `${kind} ${ref.name} does not exist` };
    for (const [key, value] of Object.entries(values ?? {})) own[prefix + key] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      own[name] = expandVariables(value ?? '', own);
      continue;
    }
    const found = await resolveSource(valueFrom, input);
    if (!found.ok) return { ok: false, message: `${name}: ${found.message}` };
    if (found.value !== undefined) own[name] = found.value;
  }
  return { ok: true, env: { ...baseEnv, HOSTNAME: pod.metadata.name, ...own } };
}

/** `PORT` is the first port, `PORT_<NAME>` each named one. */
function portVariables({ ports = [] }: Container, listen: ListenPorts): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [index, { name, containerPort }] of ports.entries()) {
    const port = listen[String(containerPort)];
    if (port === undefined) continue;
    if (index === 0) variables.PORT = String(port);
    if (name !== undefined) variables[`PORT_${name.toUpperCase().replaceAll('-', '_')}`] = String(port);
  }
  return variables;
}

async function resolveSource(source: EnvSource, { pod, podIP, readValues }: EnvironmentInput): Promise<Value> {
  if (source.fieldRef !== undefined) return resolveField(source.fieldRef.fieldPath, pod, podIP);
  const kind = source.configMapKeyRef === undefined ? 'Secret' : 'ConfigMap';
  const ref = source.configMapKeyRef ?? source.secretKeyRef;
  if (ref === undefined) return { ok: true, value: undefined };
  const values = await readValues(kind, { namespace: pod.metadata.namespace, name: ref.name });
  const value = values?.[ref.key];
  if (value !== undefined || ref.optional) return { ok: true, value };
  if (values === undefined) return { ok: false, message: `${kind} ${ref.name} does not exist` };
  return { ok: false, message: `${kind} ${ref.name} has no key ${ref.key}` };
}

function resolveField(path: string, { metadata, spec }: Pod, podIP: string): Value {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed !== null) {
    const map = keyed[1] === 'labels' ? metadata.labels : metadata.annotations;
    return { ok: true, value: map?.[keyed[2] ?? ''] ?? '' };
  }
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': String(spec.serviceAccountName ?? 'default'),
    'status.podIP': podIP,
    'status.podIPs': podIP,
    'status.hostIP': NODE_ADDRESS,
    'status.hostIPs': NODE_ADDRESS,
  };
  if (!Object.hasOwn(fields, path)) return { ok: false, message: `the field ${path} cannot be referred to` };
  return { ok: true, value: fields[path] };
}

/** The node's own address in the virtual pod network; never dialled. */
export const NODE_ADDRESS = '10.244.0.1';
