/** Defaults of Deployment, ReplicaSet, DaemonSet and StatefulSet: pkg/apis/apps/v1/defaults.go of Kubernetes. */

import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../../lib/resource.ts';
import { type Fields, fieldsAt, isFields } from '../field-access.ts';
import { defaultPodSpec } from './pod-defaults.ts';
import { childOf, setDefault } from './set-default.ts';

export function defaultDeployment(object: KubeObject): void {
  const spec = specOf(object);
  setDefault(spec, 'replicas', 1);
  setDefault(spec, 'revisionHistoryLimit', 10);
  setDefault(spec, 'progressDeadlineSeconds', 600);
  const strategy = childOf(spec, 'strategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy.type !== 'RollingUpdate') return;
  const rolling = childOf(strategy, 'rollingUpdate');
  setDefault(rolling, 'maxUnavailable', '25%');
  setDefault(rolling, 'maxSurge', '25%');
}

export function defaultReplicaSet(object: KubeObject): void {
  setDefault(specOf(object), 'replicas', 1);
}

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

export function defaultDaemonSet(object: KubeObject, old?: KubeObject): void {
  const spec = specOf(object);
  const before = Number(old?.metadata.annotations?.[TEMPLATE_GENERATION] ?? 0);
  const changed = !isDeepStrictEqual(spec.template, fieldsAt(old, 'spec').template);
  const generation = String(before + (changed ? 1 : 0));
  object.metadata.annotations = { ...object.metadata.annotations, [TEMPLATE_GENERATION]: generation };
  setDefault(spec, 'revisionHistoryLimit', 10);
  const strategy = childOf(spec, 'updateStrategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy.type !== 'RollingUpdate') return;
  const rolling = childOf(strategy, 'rollingUpdate');
  setDefault(rolling, 'maxUnavailable', 1);
  setDefault(rolling, 'maxSurge', 0);
}

export function defaultStatefulSet(object: KubeObject): void {
  const spec = specOf(object);
  setDefault(spec, 'replicas', 1);
  setDefault(spec, 'revisionHistoryLimit', 10);
  setDefault(spec, 'podManagementPolicy', 'OrderedReady');
  const strategy = childOf(spec, 'updateStrategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy.type === 'RollingUpdate') setDefault(childOf(strategy, 'rollingUpdate'), 'partition', 0);
  const retention = childOf(spec, 'persistentVolumeClaimRetentionPolicy');
  setDefault(retention, 'whenDeleted', 'Retain');
  setDefault(retention, 'whenScaled', 'Retain');
}

/** The spec, with the defaults of its pod template. */
function specOf(object: KubeObject): Fields {
  const spec = childOf(object, 'spec');
  const template = fieldsAt(spec, 'template').spec;
  if (isFields(template)) defaultPodSpec(template);
  return spec;
}
