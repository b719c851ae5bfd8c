/** Creations of Deployments that are not as they should be; each says what is wrong. */

import type { ApiRequest } from './api-pair.ts';

type Json = { [field: string]: unknown };
export type NamedRequests = Record<string, ApiRequest>;

const labels = { app: 'x' };

/** A good Deployment; `container`, `pod` and `spec` change it. */
function deployment({ container = {}, pod = {}, spec = {}, metadata = {} }: Record<string, Json>): Json {
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x', ...container }], ...pod } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'b1', ...metadata },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  };
}

const create = (change: Record<string, Json>): ApiRequest => ({
  method: 'POST',
  path: '/apis/apps/v1/namespaces/default/deployments?dryRun=All&fieldValidation=Strict',
  body: deployment(change),
});
const container = (change: Json) => create({ container: change });
const env = (...variables: Json[]) => container({ env: variables });
const ports = (...list: Json[]) => container({ ports: list });
const readiness = (probe: Json) => container({ readinessProbe: probe });
const strategy = (change: Json) => create({ spec: { strategy: change } });
const rolling = (change: Json) => strategy({ type: 'RollingUpdate', rollingUpdate: change });
const selector = (change: unknown) => create({ spec: { selector: change } });
const volumes = (...list: Json[]) => create({ pod: { volumes: list } });
const http = { httpGet: { port: 80 } };

export const DEPLOYMENT_REQUESTS: NamedRequests = {
  'a good Deployment': create({}),
  'a selector that does not match': selector({ matchLabels: { app: 'y' } }),
  'an empty selector': selector({}),
  'no selector': selector(undefined),
  'a selector with an unknown operator': selector({ matchExpressions: [{ key: 'app', operator: 'X' }] }),
  'a selector In nothing': selector({ matchExpressions: [{ key: 'app', operator: 'In' }] }),
  'a selector Exists with values': selector({ matchExpressions: [{ key: 'app', operator: 'Exists', values: ['a'] }] }),
  'a set-based selector that matches': selector({ matchExpressions: [{ key: 'app', operator: 'In', values: ['x'] }] }),
  'a set-based selector that does not match': selector({
    matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['x'] }],
  }),
  'negative replicas': create({ spec: { replicas: -1 } }),
  'replicas as a text': create({ spec: { replicas: '3' } }),
  'replicas as a fraction': create({ spec: { replicas: 1.5 } }),
  'replicas as null': create({ spec: { replicas: null } }),
  'paused as a text': create({ spec: { paused: 'yes' } }),
  'paused false': create({ spec: { paused: false } }),
  'negative minReadySeconds': create({ spec: { minReadySeconds: -1 } }),
  'minReadySeconds 0': create({ spec: { minReadySeconds: 0 } }),
  'negative progressDeadlineSeconds': create({ spec: { progressDeadlineSeconds: -1 } }),
  'minReadySeconds beyond the deadline': create({ spec: { minReadySeconds: 700 } }),
  'negative revisionHistoryLimit': create({ spec: { revisionHistoryLimit: -1 } }),
  'no template': create({ spec: { template: undefined } }),
  'a template without spec': create({ spec: { template: { metadata: { labels } } } }),
  'no containers': create({ pod: { containers: [] } }),
  'containers as an object': create({ pod: { containers: {} } }),
  'two containers of one name': create({
    pod: {
      containers: [
        { name: 'c', image: 'x' },
        { name: 'c', image: 'x' },
      ],
    },
  }),
  'an init container of the same name': create({ pod: { initContainers: [{ name: 'c', image: 'x' }] } }),
  'a restart policy that a Deployment has not': create({ pod: { restartPolicy: 'Never' } }),
  'an unknown restart policy': create({ pod: { restartPolicy: 'X' } }),
  'an unknown DNS policy': create({ pod: { dnsPolicy: 'X' } }),
  'no image': container({ image: undefined }),
  'an empty image': container({ image: '' }),
  'an image as a number': container({ image: 3 }),
  'no container name': container({ name: undefined }),
  'a container name in capitals': container({ name: 'A_b' }),
  'a container name of 64 letters': container({ name: 'a'.repeat(64) }),
  'a container name of 63 letters': container({ name: 'a'.repeat(63) }),
  'an unknown field in a container': container({ imagee: 'x' }),
  'two unknown fields': create({ container: { foo: 1 }, spec: { bar: 2 } }),
  'an unknown pull policy': container({ imagePullPolicy: 'x' }),
  'an unknown message policy': container({ terminationMessagePolicy: 'X' }),
  'an image with a tag': container({ image: 'a/b:1' }),
  'an image with the tag latest': container({ image: 'a/b:latest' }),
  'an image of a registry with a port': container({ image: 'host:5000/a' }),
  'an image with a digest': container({ image: `a@sha256:${'a'.repeat(64)}` }),
  'container port 0': ports({ containerPort: 0 }),
  'container port 1': ports({ containerPort: 1 }),
  'container port 65535': ports({ containerPort: 65535 }),
  'container port 65536': ports({ containerPort: 65536 }),
  'a negative container port': ports({ containerPort: -1 }),
  'a container port as a text': ports({ containerPort: '80' }),
  'a port name in capitals': ports({ containerPort: 80, name: 'Foo' }),
  'a port name of 16 letters': ports({ containerPort: 80, name: 'a'.repeat(16) }),
  'a port name of digits': ports({ containerPort: 80, name: '80' }),
  'a port name with two hyphens in a row': ports({ containerPort: 80, name: 'a--b' }),
  'a port name ending in a hyphen': ports({ containerPort: 80, name: 'a-' }),
  'an unknown port protocol': ports({ containerPort: 80, protocol: 'X' }),
  'two ports of one name': ports({ containerPort: 80, name: 'a' }, { containerPort: 81, name: 'a' }),
  'a host port beyond the range': ports({ containerPort: 80, hostPort: 70000 }),
  'an unknown strategy': strategy({ type: 'X' }),
  'Recreate with rolling parameters': strategy({ type: 'Recreate', rollingUpdate: { maxSurge: 1 } }),
  Recreate: strategy({ type: 'Recreate' }),
  'maxSurge and maxUnavailable 0': rolling({ maxSurge: 0, maxUnavailable: 0 }),
  'maxSurge and maxUnavailable 0 %': rolling({ maxSurge: '0%', maxUnavailable: '0%' }),
  'maxSurge without percent': rolling({ maxSurge: 'x' }),
  'maxUnavailable 150 %': rolling({ maxUnavailable: '150%' }),
  'maxUnavailable 100 %': rolling({ maxUnavailable: '100%' }),
  'negative maxSurge': rolling({ maxSurge: -1 }),
  'maxSurge only': rolling({ maxSurge: 2 }),
  'an empty variable name': env({ name: '' }),
  'a variable name with =': env({ name: '1=a' }),
  'a variable name with a dash': env({ name: 'a-b' }),
  'a variable with value and source': env({
    name: 'A',
    value: 'x',
    valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
  }),
  'a variable with an empty source': env({ name: 'A', valueFrom: {} }),
  'a variable with two sources': env({
    name: 'A',
    valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, configMapKeyRef: { name: 'a', key: 'b' } },
  }),
  'a variable of an unknown field': env({ name: 'A', valueFrom: { fieldRef: { fieldPath: 'foo' } } }),
  'a variable of a label': env({ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }),
  'a variable of the pod address': env({ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }),
  'a config map reference without key': env({ name: 'A', valueFrom: { configMapKeyRef: { name: 'x' } } }),
  'a secret reference without name': env({ name: 'A', valueFrom: { secretKeyRef: { key: 'x' } } }),
  'a variable without value': env({ name: 'A' }),
  'a variable with an empty value': env({ name: 'A', value: '' }),
  'a variable with a number': env({ name: 'A', value: 1 }),
  'envFrom nothing': container({ envFrom: [{}] }),
  'envFrom a config map without name': container({ envFrom: [{ configMapRef: {} }] }),
  'envFrom two things': container({ envFrom: [{ configMapRef: { name: 'a' }, secretRef: { name: 'b' } }] }),
  'envFrom with a prefix': container({ envFrom: [{ prefix: 'A_', configMapRef: { name: 'a', optional: true } }] }),
  'an empty probe': readiness({}),
  'a probe of port 0': readiness({ httpGet: { port: 0 } }),
  'a probe without port': readiness({ httpGet: {} }),
  'a probe of a badly named port': readiness({ httpGet: { port: 'A B' } }),
  'a probe of a named port': readiness({ httpGet: { port: 'http' } }),
  'a probe with a negative period': readiness({ ...http, periodSeconds: -1 }),
  'a probe with period 0': readiness({ ...http, periodSeconds: 0 }),
  'a probe with two handlers': readiness({ ...http, tcpSocket: { port: 1 } }),
  'a probe of an empty command': readiness({ exec: {} }),
  'a probe with an unknown scheme': readiness({ httpGet: { port: 80, scheme: 'X' } }),
  'a probe with a header': readiness({ httpGet: { port: 80, httpHeaders: [{ name: 'A', value: 'b' }] } }),
  'a probe with a bad header': readiness({ httpGet: { port: 80, httpHeaders: [{ name: 'A b', value: 'b' }] } }),
  'a TCP probe': readiness({ tcpSocket: { port: 8080 } }),
  'a gRPC probe': readiness({ grpc: { port: 8080 } }),
  'a liveness probe that succeeds twice': container({ livenessProbe: { ...http, successThreshold: 2 } }),
  'a startup probe': container({ startupProbe: { exec: { command: ['a'] }, failureThreshold: 30 } }),
  'a preStop hook without handler': container({ lifecycle: { preStop: {} } }),
  'a preStop hook': container({ lifecycle: { preStop: { exec: { command: ['sleep', '1'] } } } }),
  'requests beyond limits': container({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
  'requests within limits': container({ resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: 1 } } }),
  'a limit that is no quantity': container({ resources: { limits: { cpu: 'x' } } }),
  'a limit of an unknown resource': container({ resources: { limits: { foo: '1' } } }),
  'quantities that are not canonical': container({ resources: { limits: { cpu: '1000m', memory: '1024Mi' } } }),
  'a quantity with a fraction': container({ resources: { limits: { cpu: '0.5', memory: '1.5Gi' } } }),
  'a quantity with an exponent': container({ resources: { limits: { memory: '1e9' } } }),
  'a mount of no volume': container({ volumeMounts: [{ name: 'x', mountPath: '/a' }] }),
  'two volumes of one name': volumes({ name: 'a', emptyDir: {} }, { name: 'a', emptyDir: {} }),
  'a volume of a config map without name': volumes({ name: 'a', configMap: {} }),
  'a volume of a secret': volumes({ name: 'a', secret: { secretName: 'x' } }),
  'a volume with two sources': volumes({ name: 'a', emptyDir: {}, configMap: { name: 'x' } }),
  'a volume without source': volumes({ name: 'a' }),
  'a volume without name': volumes({ emptyDir: {} }),
  'a name in capitals': create({ metadata: { name: 'A' } }),
  'an empty name': create({ metadata: { name: '' } }),
  'no name': create({ metadata: { name: undefined } }),
  'a generated name of capitals': create({ metadata: { name: undefined, generateName: 'A-' } }),
  'a name of 254 letters': create({ metadata: { name: 'a'.repeat(254) } }),
  'a bad label key': create({ metadata: { labels: { 'a b': 'c' } } }),
  'a bad label value': create({ metadata: { labels: { a: 'c d' } } }),
  'a label value as a number': create({ metadata: { labels: { a: 1 } } }),
  'a label key with two slashes': create({ metadata: { labels: { 'a/b/c': 'd' } } }),
  'a label key with an empty prefix': create({ metadata: { labels: { '/a': 'd' } } }),
  'a label value of 64 letters': create({ metadata: { labels: { a: 'a'.repeat(64) } } }),
  'a bad annotation key': create({ metadata: { annotations: { 'a b': 'c d' } } }),
  'a bad finalizer': create({ metadata: { finalizers: ['x y'] } }),
  'a finalizer that is not qualified': create({ metadata: { finalizers: ['x'] } }),
  'a bad label in the template': create({
    spec: {
      template: { metadata: { labels: { app: 'x', y: 'a b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  }),
  'a namespace that is not that of the URL': create({ metadata: { namespace: 'other' } }),
  'an unknown field in metadata': create({ metadata: { foo: 'x' } }),
};
