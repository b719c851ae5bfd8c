/**
 * The API server as everything in Sluice sees it: the same verbs whether the server is embedded, a cluster's, or scripted by a
 * test. `connect.ts` makes one from a kubeconfig.
 */

import { type ErrorCode, type Remedy, SluiceError } from '../lib/errors.ts';
import type { KubeObject, ObjectRef, ResourceType } from '../lib/resource.ts';

export type ListOptions = {
  /** Absent: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Page size in objects; the client follows `continue` until the end. */
  pageSize?: number;
};

export type ObjectList<T extends KubeObject> = { items: T[]; resourceVersion: string };

export type WriteOptions = {
  fieldManager?: string;
  dryRun?: boolean;
  /** `status` or `scale`. */
  subresource?: string;
};

export type PatchStrategy = 'merge' | 'json' | 'strategic' | 'apply';

export type PatchOptions = WriteOptions & {
  strategy: PatchStrategy;
  /** Server-side apply only: take fields over from other managers. */
  force?: boolean;
};

export type DeleteOptions = {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  preconditions?: { uid?: string; resourceVersion?: string };
};

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | { type: 'BOOKMARK'; resourceVersion: string }
  | { type: 'ERROR'; status: number; reason: string; message: string };

export type WatchOptions = Omit<ListOptions, 'pageSize'> & {
  resourceVersion: string;
  /** The server ends the watch after this many seconds. */
  timeoutSeconds: number;
  signal: AbortSignal;
};

export type RawRequest = {
  method: string;
  /** Path with query, from the server's root: `/version`. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

export type RawResponse = { status: number; headers: Record<string, string>; text: string };

export interface KubeClient {
  /** Where commands go, to be printed with every write. */
  readonly target: { context: string; server: string; namespace: string };

  /** @returns `undefined` when the object, or its kind, does not exist */
  get<T extends KubeObject>(type: ResourceType, ref: ObjectRef): Promise<T | undefined>;
  list<T extends KubeObject>(type: ResourceType, options?: ListOptions): Promise<ObjectList<T>>;
  create<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions): Promise<T>;
  /** PUT; carries `metadata.resourceVersion`, so a concurrent change is a `Conflict`. */
  replace<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(type: ResourceType, ref: ObjectRef, patch: unknown, options: PatchOptions): Promise<T>;
  /** Succeeds when the object is already gone. */
  delete(type: ResourceType, ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  /** One watch connection; ends when the server ends it. `WatchCache` keeps it alive. */
  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** Any other request; never throws on a status. */
  raw(request: RawRequest): Promise<RawResponse>;
  /** The body of a streaming GET (logs), chunk by chunk. */
  stream(path: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export type StatusCause = { reason: string; message: string; field: string };

/** What the API server answered instead of success. `reason` is Kubernetes' (`NotFound`, `Conflict`, `Invalid` …). */
export class ApiError extends SluiceError {
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];

  constructor(
    message: string,
    {
      code = 'SL0005',
      status,
      reason,
      causes = [],
      remedy = { kind: 'retry' },
      cause,
    }: {
      code?: ErrorCode;
      status: number;
      reason: string;
      causes?: readonly StatusCause[];
      remedy?: Remedy;
      cause?: unknown;
    },
  ) {
    super(code, message, { remedy, cause });
    this.name = 'ApiError';
    this.status = status;
    this.reason = reason;
    this.causes = causes;
  }
}

export function isConflict(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.reason === 'Conflict';
}

export function isAlreadyExists(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.reason === 'AlreadyExists';
}

export function isNotFound(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.status === 404;
}
