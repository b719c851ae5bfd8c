/** What the controller reads of Deployments, Services, ConfigMaps and Secrets; everything else in them is carried along. */

import type { KubeObject } from '../lib/resource.ts';

export type EnvSource = { name?: string; optional?: boolean };
export type Container = {
  name?: string;
  env?: { name: string; valueFrom?: { configMapKeyRef?: EnvSource; secretKeyRef?: EnvSource } }[];
  envFrom?: { configMapRef?: EnvSource; secretRef?: EnvSource }[];
  ports?: { name?: string; containerPort: number }[];
};
export type Volume = {
  configMap?: EnvSource;
  secret?: { secretName?: string; optional?: boolean };
  projected?: { sources?: { configMap?: EnvSource; secret?: EnvSource }[] };
};
export type PodTemplate = {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: { containers?: Container[]; initContainers?: Container[]; volumes?: Volume[] };
};

export type DeploymentCondition = { type: string; status: string; reason?: string; message?: string };

export type Deployment = KubeObject & {
  spec: {
    replicas?: number;
    selector: { matchLabels?: Record<string, string> };
    template: PodTemplate;
    [field: string]: unknown;
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    conditions?: DeploymentCondition[];
  };
};

/** A ConfigMap or a Secret. */
export type Config = KubeObject & {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
  type?: string;
};

export type ServicePort = {
  name?: string;
  protocol?: string;
  port: number;
  targetPort?: number | string;
  appProtocol?: string;
  nodePort?: number;
};

export type Service = KubeObject & {
  spec: { selector?: Record<string, string>; ports?: ServicePort[]; [field: string]: unknown };
};

/** In this order, the first label of the target's selector tells primary and canary apart. */
const SELECTOR_LABELS = ['app', 'name', 'app.kubernetes.io/name'];

/** @returns `undefined` for a selector without labels, with which the two could not be told apart */
export function selectorLabel({ spec }: Deployment): { key: string; value: string } | undefined {
  const labels = spec.selector.matchLabels ?? {};
  const key = SELECTOR_LABELS.find((label) => labels[label] !== undefined) ?? Object.keys(labels)[0];
  const value = key === undefined ? undefined : labels[key];
  return key === undefined || value === undefined ? undefined : { key, value };
}
