/** Applies manifests one by one, in an order in which each finds what it needs; a broken one never disturbs the others. */

import { type Clock, delay } from '../../lib/clock.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from '../../lib/resource.ts';
import { resolveResourceType } from '../apply.ts';
import { ApiError, type KubeClient } from '../kube-client.ts';
import { queryOf, resourcePath } from '../resource-path.ts';
import { statusError } from '../status-error.ts';
import { marked } from './folder-mark.ts';
import type { ManifestDocument, ManifestProblem } from './manifest.ts';
import { servedTypes, similarTypes } from './served-types.ts';
import { serverProblems } from './server-problems.ts';

export type ApplyResult = {
  document: ManifestDocument;
  /** The object as it was sent, with its namespace. */
  object: KubeObject;
  outcome: 'created' | 'configured' | 'unchanged' | 'failed';
  problems: readonly ManifestProblem[];
  /** Whether the same manifest may succeed later: the server was away, or does not know the kind yet. */
  mayPass: boolean;
};

export type ApplyFolderOptions = {
  client: KubeClient;
  documents: readonly ManifestDocument[];
  clock: Clock;
  fieldManager?: string;
  /** Marks objects as applied from this folder (`folder-mark.ts`). */
  folder?: string;
  signal?: AbortSignal;
};

// How long the definition of a kind in the same folder may take to be served.
const DEFINITION_TRIES = 8;
const DEFINITION_WAIT_MS = 50;

/** Applies every document; what goes wrong with one is in its result. Stops early only when `signal` is aborted. */
export async function applyFolder(options: ApplyFolderOptions): Promise<ApplyResult[]> {
  const results: ApplyResult[] = [];
  for (const document of inOrder(options.documents)) {
    if (options.signal?.aborted) break;
    results.push(await applyDocument(document, options));
  }
  return results;
}

const RANKS: Record<string, number> = {
  CustomResourceDefinition: 0,
  Namespace: 1,
  ServiceAccount: 2,
  Secret: 2,
  ConfigMap: 2,
  Service: 3,
};
const WORKLOADS = new Set(['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Pod', 'Job', 'CronJob']);

/** Definitions, namespaces, configuration, Services, workloads, and the rest; within each as the folder has them. */
export function inOrder(documents: readonly ManifestDocument[]): ManifestDocument[] {
  const rank = ({ object }: ManifestDocument) => RANKS[object.kind] ?? (WORKLOADS.has(object.kind) ? 4 : 5);
  return [...documents].sort((one, other) => rank(one) - rank(other));
}

async function applyDocument(document: ManifestDocument, options: ApplyFolderOptions): Promise<ApplyResult> {
  const { client, folder } = options;
  let object = document.object;
  try {
    const type = await typeOf(document, options);
    if (type === undefined) return await unknownKind(document, client);
    object = located(object, type, client.target.namespace);
    const before = await client.get(type, object.metadata);
    const after = await sendApply(type, folder === undefined ? object : marked(object, folder), options);
    const changed = before?.metadata.resourceVersion !== after.metadata.resourceVersion;
    const outcome = before === undefined ? 'created' : changed ? 'configured' : 'unchanged';
    return { document, object, outcome, problems: [], mayPass: false };
  } catch (thrown) {
    const refused = thrown instanceof ApiError && [400, 403, 415, 422].includes(thrown.status);
    return { document, object, outcome: 'failed', problems: serverProblems(document, thrown), mayPass: !refused };
  }
}

/** A kind whose definition is in the same folder is waited for: a server needs a moment to serve it. */
async function typeOf({ object }: ManifestDocument, { client, documents, clock, signal }: ApplyFolderOptions) {
  const isDefined = documents.some((other) => definesKind(other.object, object));
  for (let tries = 1; ; tries++) {
    const type = await resolveResourceType(client, object.apiVersion, object.kind);
    if (type !== undefined || !isDefined || tries >= DEFINITION_TRIES) return type;
    await delay(clock, DEFINITION_WAIT_MS * 2 ** tries, signal);
  }
}

function definesKind(definition: KubeObject, { apiVersion, kind }: KubeObject): boolean {
  const spec = definition.spec as { group?: string; names?: { kind?: string } } | undefined;
  const isDefinition = definition.kind === 'CustomResourceDefinition';
  return isDefinition && spec?.names?.kind === kind && apiVersion.startsWith(`${spec.group}/`);
}

async function unknownKind(document: ManifestDocument, client: KubeClient): Promise<ApplyResult> {
  const { apiVersion, kind } = document.object;
  const similar = similarTypes(apiVersion, kind, await servedTypes(client)).slice(0, 3);
  const meant = similar.length === 0 ? '' : ` (did you mean ${similar.join(' or ')}?)`;
  const message = `must be a kind that the API server serves${meant}: got ${apiVersion} ${kind}`;
  const problem = { file: document.file, ...document.positionOf('kind'), path: 'kind', message };
  return { document, object: document.object, outcome: 'failed', problems: [problem], mayPass: true };
}

function located(object: KubeObject, { namespaced }: ResourceType, namespace: string): KubeObject {
  const { namespace: given, ...metadata } = object.metadata;
  return { ...object, metadata: namespaced ? { ...metadata, namespace: given ?? namespace } : metadata };
}

/** Strict: a field that the server does not know is a typing error, and to be told. */
async function sendApply(
  type: ResourceType,
  object: KubeObject,
  { client, fieldManager = 'sluice', signal }: ApplyFolderOptions,
): Promise<KubeObject> {
  const { name, namespace } = object.metadata;
  const query = queryOf({ fieldManager, force: true, fieldValidation: 'Strict' });
  const answer = await client.raw({
    method: 'PATCH',
    path: resourcePath(type, { name, namespace }) + query,
    body: { ...object, apiVersion: apiVersionOf(type) },
    headers: { 'content-type': 'application/apply-patch+yaml' },
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.status >= 400) throw statusError(answer, `Applying ${type.kind} ${name}`);
  return JSON.parse(answer.text) as KubeObject;
}
