/** The parts of a Pod that the kubelet reads and writes, as the API server holds them. */

import type { KubeObject, ObjectMeta } from '../../lib/resource.ts';

export type EnvSource = {
  fieldRef?: { fieldPath: string };
  resourceFieldRef?: unknown;
  configMapKeyRef?: { name: string; key: string; optional?: boolean };
  secretKeyRef?: { name: string; key: string; optional?: boolean };
};
export type EnvVar = { name: string; value?: string; valueFrom?: EnvSource };
export type EnvFromSource = {
  prefix?: string;
  configMapRef?: { name: string; optional?: boolean };
  secretRef?: { name: string; optional?: boolean };
};

export type ContainerPort = { name?: string; containerPort: number; protocol?: string };

export type ProbeSpec = {
  httpGet?: {
    path?: string;
    port: number | string;
    scheme?: string;
    httpHeaders?: { name: string; value: string }[];
  };
  tcpSocket?: { port: number | string };
  exec?: { command?: string[] };
  grpc?: unknown;
  initialDelaySeconds?: number;
  periodSeconds?: number;
  timeoutSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
};

export type Container = {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  env?: EnvVar[];
  envFrom?: EnvFromSource[];
  ports?: ContainerPort[];
  readinessProbe?: ProbeSpec;
  livenessProbe?: ProbeSpec;
  startupProbe?: ProbeSpec;
  lifecycle?: { preStop?: Record<string, unknown> & { exec?: { command?: string[] } }; postStart?: unknown };
  resources?: { limits?: Record<string, unknown> };
  volumeMounts?: { name: string }[];
  securityContext?: Record<string, unknown>;
  [field: string]: unknown;
};

export type PodCondition = {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
};

export type TerminatedState = {
  exitCode: number;
  signal?: number;
  reason: string;
  message?: string;
  startedAt: string;
  finishedAt: string;
};

export type ContainerState =
  | { waiting: { reason: string; message?: string } }
  | { running: { startedAt: string } }
  | { terminated: TerminatedState };

export type PodStatus = {
  phase?: string;
  conditions?: PodCondition[];
  [field: string]: unknown;
};

export type Pod = KubeObject & {
  metadata: ObjectMeta & { namespace: string; uid: string };
  spec: {
    nodeName?: string;
    containers: Container[];
    restartPolicy?: 'Always' | 'OnFailure' | 'Never';
    terminationGracePeriodSeconds?: number;
    volumes?: ({ name: string } & Record<string, unknown>)[];
    [field: string]: unknown;
  };
  status?: PodStatus;
};

/** Where each container port really listens: container port to port of the loopback interface. */
export type ListenPorts = Readonly<Record<string, number>>;

/** The port that a probe means, as it really listens; an undeclared number is taken as it stands. */
export function dialledPort(port: number | string, container: Container, listen: ListenPorts): number | undefined {
  const declared = container.ports?.find(({ name, containerPort }) => name === port || containerPort === Number(port));
  if (declared !== undefined) return listen[String(declared.containerPort)];
  return Number.isInteger(Number(port)) ? Number(port) : undefined;
}
