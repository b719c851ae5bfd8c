/**
 * Reads Kubernetes' `generated.proto` files (Go's module cache, by `test/kubernetes/go.mod`) and writes what is needed to decode the
 * built-in kinds into `src/platform/api/wire/messages.json`: by message, its fields by number. Run: `node scripts/protobuf-messages.ts`.
 */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const PACKAGES: Record<string, readonly string[]> = {
  'k8s.io/api': [
    ...['core/v1', 'apps/v1', 'authorization/v1', 'authentication/v1', 'coordination/v1', 'discovery/v1'],
    ...['autoscaling/v1', 'autoscaling/v2', 'events/v1'],
  ],
  'k8s.io/apiextensions-apiserver': ['pkg/apis/apiextensions/v1'],
  'k8s.io/apimachinery': ['pkg/apis/meta/v1', 'pkg/runtime', 'pkg/util/intstr', 'pkg/api/resource'],
};

/** What clients send as bodies, as `apiVersion/kind`. */
const ROOTS: Record<string, string> = {
  ...kinds('v1', 'k8s.io.api.core.v1', [
    'Namespace',
    'Pod',
    'Service',
    'Endpoints',
    'ConfigMap',
    'Secret',
    'Event',
    'Node',
  ]),
  ...kinds('v1', 'k8s.io.api.core.v1', ['ServiceAccount', 'Binding']),
  ...kinds('apps/v1', 'k8s.io.api.apps.v1', [
    'Deployment',
    'ReplicaSet',
    'DaemonSet',
    'StatefulSet',
    'ControllerRevision',
  ]),
  ...kinds('authorization.k8s.io/v1', 'k8s.io.api.authorization.v1', [
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
  ]),
  ...kinds('authentication.k8s.io/v1', 'k8s.io.api.authentication.v1', ['SelfSubjectReview']),
  ...kinds('coordination.k8s.io/v1', 'k8s.io.api.coordination.v1', ['Lease']),
  ...kinds('discovery.k8s.io/v1', 'k8s.io.api.discovery.v1', ['EndpointSlice']),
  ...kinds('autoscaling/v2', 'k8s.io.api.autoscaling.v2', ['HorizontalPodAutoscaler']),
  ...kinds('autoscaling/v1', 'k8s.io.api.autoscaling.v1', ['Scale']),
  ...kinds('events.k8s.io/v1', 'k8s.io.api.events.v1', ['Event']),
  ...kinds('apiextensions.k8s.io/v1', 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1', [
    'CustomResourceDefinition',
  ]),
  ...kinds('meta.k8s.io/v1', 'k8s.io.apimachinery.pkg.apis.meta.v1', ['DeleteOptions']),
};
/** Messages that the decoder turns into JSON in a way of their own. */
const SCALARS = ['Time', 'MicroTime', 'Quantity', 'IntOrString', 'RawExtension', 'FieldsV1', 'JSON', 'JSONSchemaProps'];
const PRIMITIVES = ['string', 'bool', 'bytes', 'int32', 'int64', 'uint32', 'uint64', 'double', 'float'];
/** Structs that Go embeds: their fields stand beside the others in JSON. */
const INLINE = [
  'volumeSource',
  'handler',
  'localObjectReference',
  'ephemeralContainerCommon',
  'persistentVolumeSource',
];

/** `pointer`: Go tells absent from zero. `always`: Go writes it, zero or not. `omitsZero`: an empty struct is left out. */
type Traits = { pointer?: true; always?: true; omitsZero?: true };
type Field = { name: string; type: string; repeated?: true; map?: true; inline?: true } & Traits;
type Messages = Record<string, Record<string, Field>>;

const all: Messages = {};
const traits: Record<string, Record<string, Traits>> = {};
for (const [module, packages] of Object.entries(PACKAGES)) {
  const folder = execFileSync('go', ['list', '-m', '-f', '{{.Dir}}', module], {
    cwd: join(root, 'test/kubernetes'),
    encoding: 'utf8',
  }).trim();
  for (const path of packages) {
    const files = readdirSync(join(folder, path)).filter(
      (name) => name.endsWith('.go') && !/_test|generated/.test(name),
    );
    for (const name of files) readStructs(readFileSync(join(folder, path, name), 'utf8'), path);
    readProto(readFileSync(join(folder, path, 'generated.proto'), 'utf8'), path);
  }
}
const messages: Messages = {};
for (const name of Object.values(ROOTS)) collect(name);
writeFileSync(
  join(root, 'src/platform/api/wire/messages.json'),
  `${JSON.stringify({ roots: ROOTS, messages }, null, 1)}\n`,
);

function kinds(apiVersion: string, packageName: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`${apiVersion}/${name}`, `${packageName}.${name}`]));
}

/** Pointers and JSON tags of the Go types: what protobuf does not tell. */
function readStructs(text: string, path: string): void {
  for (const [, struct = '', body = ''] of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const fields: Record<string, Traits> = {};
    for (const [, type = '', name = '', tag = ''] of body.matchAll(/^\t\w+\s+(\S+)\s+`json:"([\w-]+)((?:,\w+)*)"/gm)) {
      fields[name] = {
        ...(type.startsWith('*') ? { pointer: true } : {}),
        ...(/,omit/.test(tag) ? {} : { always: true }),
        ...(/,omitzero/.test(tag) ? { omitsZero: true } : {}),
      };
    }
    traits[`${path}.${struct}`] = fields;
  }
}

function readProto(text: string, path: string): void {
  const packageName = /^package ([\w.]+);/m.exec(text)?.[1] ?? '';
  for (const [, name = '', body = ''] of text.matchAll(/^message (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const fields: Record<string, Field> = {};
    for (const line of body.matchAll(
      /^ {2}(?:(optional|repeated) )?(map<string, ?([.\w]+)>|[.\w]+) (\w+) = (\d+);/gm,
    )) {
      const [, label, written = '', mapValue, field = '', number = ''] = line;
      fields[number] = {
        name: field,
        type: qualified(mapValue ?? written, packageName),
        ...(label === 'repeated' ? { repeated: true } : {}),
        ...(mapValue === undefined ? {} : { map: true }),
        ...(INLINE.includes(field) && traits[`${path}.${name}`]?.[field] === undefined ? { inline: true } : {}),
        ...traits[`${path}.${name}`]?.[field],
      };
    }
    all[`${packageName}.${name}`] = fields;
  }
}

function qualified(type: string, packageName: string): string {
  if (PRIMITIVES.includes(type)) return type;
  const full = type.startsWith('.') ? type.slice(1) : type.includes('.') ? type : `${packageName}.${type}`;
  const last = full.split('.').at(-1) ?? '';
  return SCALARS.includes(last) ? last : full;
}

function collect(name: string): void {
  if (messages[name] !== undefined || PRIMITIVES.includes(name) || SCALARS.includes(name)) return;
  const found = all[name];
  if (found === undefined) throw new Error(`No generated.proto defines ${name}`);
  messages[name] = found;
  for (const { type } of Object.values(found)) collect(type);
}
