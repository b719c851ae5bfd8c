/** Validation of Deployment, ReplicaSet and DaemonSet: pkg/apis/apps/validation of Kubernetes. */

import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../../../../kube/kube-client.ts';
import type { KubeObject } from '../../../../lib/resource.ts';
import { forbidden, invalid, notSupported, required } from '../../schema/causes.ts';
import { validateLabels } from '../../schema/names.ts';
import { type Fields, fieldsAt, isFields } from '../field-access.ts';
import { validatePodSpec } from './validate-pod.ts';
import { validateLabelSelector, validateTemplateMatches, validateWorkloadSelector } from './validate-selector.ts';
import { amountOrPercent, atMostHundredPercent, nonNegative } from './value-faults.ts';

export function validateDeployment(object: KubeObject, old?: KubeObject): StatusCause[] {
  const spec = fieldsAt(object, 'spec');
  const causes = [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...validateWorkloadSelector(spec, 'deployment'),
    ...invalidSelector(spec),
    ...validateTemplate(spec),
    ...validateStrategy(fieldsAt(spec, 'strategy')),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...nonNegative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds'),
  ];
  const { progressDeadlineSeconds: deadline, minReadySeconds: ready = 0 } = spec;
  if (typeof deadline === 'number' && typeof ready === 'number' && deadline <= ready) {
    causes.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
  }
  return [...causes, ...immutableSelector(object, old)];
}

export function validateReplicaSet(object: KubeObject, old?: KubeObject): StatusCause[] {
  const spec = fieldsAt(object, 'spec');
  return [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateWorkloadSelector(spec, 'deployment'),
    ...validateTemplate(spec),
    ...immutableSelector(object, old),
  ];
}

export function validateDaemonSet(object: KubeObject, old?: KubeObject): StatusCause[] {
  const spec = fieldsAt(object, 'spec');
  return [
    ...validateWorkloadSelector(spec, 'daemonset'),
    ...validateTemplate(spec),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...immutableSelector(object, old),
  ];
}

function invalidSelector(spec: Fields): StatusCause[] {
  if (!isFields(spec.selector) || validateLabelSelector(spec.selector, 'spec.selector').length === 0) return [];
  return [invalid('spec.selector', spec.selector, 'invalid label selector')];
}

function validateTemplate(spec: Fields): StatusCause[] {
  const restartPolicy = fieldsAt(spec, 'template', 'spec').restartPolicy;
  const always = restartPolicy === undefined || restartPolicy === 'Always';
  return [
    ...validateTemplateMatches(spec),
    ...validateLabels(fieldsAt(spec, 'template', 'metadata').labels, 'spec.template.labels'),
    ...validatePodSpec(fieldsAt(spec, 'template', 'spec'), 'spec.template.spec'),
    ...(always ? [] : [notSupported('spec.template.spec.restartPolicy', restartPolicy, ['Always'])]),
  ];
}

function validateStrategy(strategy: Fields): StatusCause[] {
  const { type, rollingUpdate } = strategy;
  const path = 'spec.strategy.rollingUpdate';
  if (type === 'Recreate') {
    if (!isFields(rollingUpdate)) return [];
    return [forbidden(path, "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (type !== 'RollingUpdate') {
    return [
      notSupported('spec.strategy', { Type: type, RollingUpdate: rollingUpdate ?? null }, [
        'Recreate',
        'RollingUpdate',
      ]),
    ];
  }
  if (!isFields(rollingUpdate)) return [required(path, 'this should be defaulted and never be nil')];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const causes = [
    ...amountOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...amountOrPercent(maxSurge, `${path}.maxSurge`),
  ];
  if (isNothing(maxUnavailable) && isNothing(maxSurge)) {
    causes.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return [...causes, ...atMostHundredPercent(maxUnavailable, `${path}.maxUnavailable`)];
}

function isNothing(amount: unknown): boolean {
  return amount === 0 || amount === '0%';
}

function immutableSelector(object: KubeObject, old: KubeObject | undefined): StatusCause[] {
  if (old === undefined) return [];
  const { selector } = fieldsAt(object, 'spec');
  if (isDeepStrictEqual(selector, fieldsAt(old, 'spec').selector)) return [];
  return [invalid('spec.selector', selector, 'field is immutable')];
}
