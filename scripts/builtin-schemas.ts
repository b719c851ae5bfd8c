/**
 * Distils the schemas of the built-in kinds from the OpenAPI v3 documents of a real kube-apiserver into
 * `src/platform/api/builtin/schemas.json`: structure, types, formats, defaults and list and patch extensions, no descriptions.
 * Run it after a change of the served kinds or of the Kubernetes version: `node scripts/builtin-schemas.ts [KUBECONFIG]`;
 * without a kubeconfig it starts the control plane of `test/kubernetes/`.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startControlPlane } from '../test/kubernetes/control-plane.ts';

type Json = { [key: string]: unknown };

/** The kinds that the embedded server knows, by group-version document. */
const SERVED: Record<string, readonly string[]> = {
  'api/v1': ['Namespace', 'Node', 'Pod', 'Service', 'Endpoints', 'ConfigMap', 'Secret', 'Event', 'ServiceAccount'],
  'apis/apps/v1': ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'ControllerRevision'],
  'apis/events.k8s.io/v1': ['Event'],
  'apis/discovery.k8s.io/v1': ['EndpointSlice'],
  'apis/coordination.k8s.io/v1': ['Lease'],
  'apis/autoscaling/v2': ['HorizontalPodAutoscaler'],
  'apis/apiextensions.k8s.io/v1': ['CustomResourceDefinition'],
};

/** Schemas that carry anything at all; recursive ones would have no end in a client that expands references. */
const OPEN = ['JSONSchemaProps', 'RawExtension', 'FieldsV1'];
const KEPT = [
  ...['type', 'format', 'required', 'enum', 'nullable', 'minimum', 'maximum', 'pattern', 'uniqueItems'],
  ...['x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-map-type'],
  ...['x-kubernetes-patch-strategy', 'x-kubernetes-patch-merge-key'],
];

const kubeconfig = process.argv[2];
if (kubeconfig === undefined) {
  const plane = await startControlPlane();
  try {
    write(plane.kubeconfigPath, plane.assets);
  } finally {
    await plane.stop();
  }
} else {
  write(kubeconfig, process.env.KUBEBUILDER_ASSETS ?? join(import.meta.dirname, '../test/kubernetes/bin'));
}

function write(path: string, assets: string): void {
  const definitions: Json = {};
  const kinds: Record<string, string> = {};
  for (const [document, served] of Object.entries(SERVED)) {
    const raw = execFileSync(
      join(assets, 'kubectl'),
      ['--kubeconfig', path, 'get', '--raw', `/openapi/v3/${document}`],
      {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    const { schemas } = (JSON.parse(raw) as { components: { schemas: Record<string, Json> } }).components;
    for (const kind of served) {
      const apiVersion = document.replace(/^apis?\//, '');
      const name = nameOfKind(schemas, apiVersion, kind);
      kinds[`${apiVersion}/${kind}`] = name;
      collect(name, schemas, definitions);
    }
  }
  const sorted = Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(
    join(import.meta.dirname, '../src/platform/api/builtin/schemas.json'),
    `${JSON.stringify({ kinds, definitions: sorted }, null, 1)}\n`,
  );
}

function nameOfKind(schemas: Record<string, Json>, apiVersion: string, kind: string): string {
  for (const [name, schema] of Object.entries(schemas)) {
    const gvks = (schema['x-kubernetes-group-version-kind'] ?? []) as Array<Record<string, string>>;
    const same = gvks.some(
      (gvk) => gvk.kind === kind && [gvk.group, gvk.version].filter(Boolean).join('/') === apiVersion,
    );
    if (same && gvks.length === 1) return name;
  }
  throw new Error(`The server's OpenAPI document lists no ${apiVersion} ${kind}`);
}

function collect(name: string, schemas: Record<string, Json>, into: Json): void {
  if (into[name] !== undefined) return;
  const found = schemas[name];
  if (found === undefined) throw new Error(`The server's OpenAPI document refers to a missing schema: ${name}`);
  const open = OPEN.some((suffix) => name.endsWith(`.${suffix}`));
  const schema = open ? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } : distilled(found);
  into[name] = schema;
  for (const [, reference = ''] of JSON.stringify(schema).matchAll(/"\$ref":"([^"]+)"/g))
    collect(reference, schemas, into);
}

function distilled(schema: Json): Json {
  const [only] = (schema.allOf ?? []) as Json[];
  const reference = (schema.$ref ?? only?.$ref) as string | undefined;
  const kept = Object.fromEntries(KEPT.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]));
  // The zero values of Go are no defaults: they are what an absent field decodes to.
  if (schema.default !== undefined && isRealDefault(schema.default)) kept.default = schema.default;
  if (reference !== undefined) return { ...kept, $ref: reference.replace('#/components/schemas/', '') };
  if (schema.oneOf !== undefined) {
    const quantity = (schema.oneOf as Json[]).some(({ type }) => type === 'number');
    return {
      ...kept,
      type: undefined,
      format: quantity ? 'quantity' : 'int-or-string',
      'x-kubernetes-int-or-string': true,
    };
  }
  if (schema.properties !== undefined) {
    kept.properties = Object.fromEntries(
      Object.entries(schema.properties as Record<string, Json>).map(([name, property]) => [name, distilled(property)]),
    );
  }
  for (const key of ['items', 'additionalProperties']) {
    if (typeof schema[key] === 'object') kept[key] = distilled(schema[key] as Json);
  }
  return kept;
}

function isRealDefault(value: unknown): boolean {
  if (typeof value === 'object') return value !== null && Object.keys(value).length > 0;
  return value !== '' && value !== 0 && value !== false;
}
