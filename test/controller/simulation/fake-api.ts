/** An API server in memory: optimistic concurrency, generations, finalizers, status subresources, watches, and failures on demand. */

import { ApiError, type KubeClient, type WatchEvent } from '../../../src/kube/kube-client.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { type KubeObject, type ObjectRef, objectKey, type ResourceType } from '../../../src/lib/resource.ts';

export type Verb = 'get' | 'list' | 'create' | 'replace' | 'patch' | 'delete';
export type FakeRequest = { verb: Verb; kind: string; subresource?: string | undefined };
export type FakeWrite = { kind: string; before: KubeObject | undefined; after: KubeObject | undefined };

type Listener = (event: WatchEvent) => void;

export class FakeApi {
  readonly requests: FakeRequest[] = [];
  /** Called after each write that changed something. */
  onWrite: (write: FakeWrite) => void = () => {};
  /** Thrown instead of an answer; `undefined` lets the write pass. */
  failure: (request: FakeRequest) => Error | undefined = () => undefined;
  /** Kinds whose watchers hear nothing for now; what happened is told when `deliver` is called. */
  readonly held = new Set<string>();
  readonly #clock: Clock;
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #untold: { type: ResourceType; event: WatchEvent }[] = [];
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get version(): number {
    return this.#version;
  }

  /** As other clients of the server see and change it: no failures, and not counted. */
  read<T extends KubeObject>({ kind }: ResourceType, ref: ObjectRef): T | undefined {
    return this.#objects.get(`${kind} ${objectKey(ref)}`) as T | undefined;
  }

  all<T extends KubeObject>({ kind }: ResourceType): T[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${kind} `)).map(([, object]) => object as T);
  }

  put(type: ResourceType, object: KubeObject, subresource?: string): KubeObject {
    const key = keyOf(type, object.metadata);
    const before = this.#objects.get(key);
    const isStatus = subresource === 'status';
    const wanted = isStatus && before !== undefined ? { ...before, status: object.status } : object;
    const next: KubeObject = before === undefined || isStatus ? wanted : { ...wanted, ...statusOf(before) };
    if (before !== undefined && same(withoutVersion(before), withoutVersion(next))) return before;
    const isNewSpec = before === undefined || (!isStatus && !same(before.spec, next.spec));
    this.#version++;
    const metadata = {
      ...next.metadata,
      uid: before?.metadata.uid ?? `uid-${this.#version}`,
      creationTimestamp: before?.metadata.creationTimestamp ?? new Date(this.#clock.now()).toISOString(),
      generation: (before?.metadata.generation ?? 0) + (isNewSpec ? 1 : 0),
      resourceVersion: String(this.#version),
    };
    const after: KubeObject = structuredClone({ ...next, metadata });
    const isGone = metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;
    if (isGone) this.#objects.delete(key);
    else this.#objects.set(key, after);
    const how = isGone ? 'DELETED' : before === undefined ? 'ADDED' : 'MODIFIED';
    this.#tell(type, { type: how, object: after });
    this.onWrite({ kind: type.kind, before, after: isGone ? undefined : after });
    return after;
  }

  client(): KubeClient {
    return {
      target: { context: 'fake', server: 'memory', namespace: 'default' },
      get: async <T extends KubeObject>(type: ResourceType, ref: ObjectRef) => {
        this.#ask({ verb: 'get', kind: type.kind });
        return structuredClone(this.read<T>(type, ref));
      },
      list: async <T extends KubeObject>(type: ResourceType) => {
        this.#ask({ verb: 'list', kind: type.kind });
        return { items: structuredClone(this.all<T>(type)), resourceVersion: String(this.#version) };
      },
      create: async (type, object) => {
        this.#ask({ verb: 'create', kind: type.kind });
        const { generateName, name } = object.metadata;
        const named = name === '' ? { ...object.metadata, name: `${generateName}${this.#version}` } : object.metadata;
        if (this.#objects.has(keyOf(type, named))) throw refusal(409, 'AlreadyExists');
        return structuredClone(this.put(type, { ...object, metadata: named })) as typeof object;
      },
      replace: async (type, object, options) => {
        this.#ask({ verb: 'replace', kind: type.kind, subresource: options?.subresource });
        this.#expect(type, object.metadata, object.metadata.resourceVersion ?? 'none');
        return structuredClone(this.put(type, object, options?.subresource)) as typeof object;
      },
      patch: async (type, ref, patch, options) => {
        this.#ask({ verb: 'patch', kind: type.kind, subresource: options.subresource });
        const version = (patch as Partial<KubeObject>).metadata?.resourceVersion;
        const existing = this.#expect(type, ref, version);
        const merged = merge(existing, patch) as KubeObject;
        return structuredClone(this.put(type, merged, options.subresource)) as never;
      },
      delete: async (type, ref) => {
        this.#ask({ verb: 'delete', kind: type.kind });
        this.remove(type, ref);
      },
      watch: (type, { signal }) => this.#watch(type, signal) as never,
      raw: () => Promise.reject(new Error('The fake API has no raw requests')),
      stream: () => {
        throw new Error('The fake API has no streams');
      },
      close: async () => {},
    };
  }

  remove(type: ResourceType, ref: ObjectRef): void {
    const existing = this.read(type, ref);
    if (existing === undefined) return;
    const deletionTimestamp = new Date(this.#clock.now()).toISOString();
    this.put(type, { ...existing, metadata: { ...existing.metadata, deletionTimestamp } });
  }

  #ask(request: FakeRequest): void {
    this.requests.push(request);
    const failure = this.failure(request);
    if (failure !== undefined) throw failure;
  }

  #expect(type: ResourceType, ref: ObjectRef, version: string | undefined): KubeObject {
    const existing = this.#objects.get(keyOf(type, ref));
    if (existing === undefined) throw refusal(404, 'NotFound');
    if (version !== undefined && existing.metadata.resourceVersion !== version) throw refusal(409, 'Conflict');
    return existing;
  }

  /** The watchers of all held kinds catch up. */
  deliver(): void {
    this.held.clear();
    for (const { type, event } of this.#untold.splice(0)) this.#tell(type, event);
  }

  #tell(type: ResourceType, event: WatchEvent): void {
    const { kind } = type;
    if (this.held.has(kind)) {
      this.#untold.push({ type, event });
      return;
    }
    for (const listener of this.#listeners.get(kind) ?? []) listener(structuredClone(event));
  }

  async *#watch({ kind }: ResourceType, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const events: WatchEvent[] = [];
    let wake = () => {};
    const listener: Listener = (event) => {
      events.push(event);
      wake();
    };
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners.add(listener));
    signal.addEventListener('abort', () => wake());
    try {
      while (!signal.aborted) {
        const event = events.shift();
        if (event !== undefined) yield event;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      listeners.delete(listener);
    }
  }
}

export function refusal(status: number, reason: string): ApiError {
  return new ApiError(`refused: ${reason}`, { status, reason });
}

function keyOf({ kind }: ResourceType, ref: ObjectRef): string {
  return `${kind} ${objectKey(ref)}`;
}

function statusOf({ status }: KubeObject): Partial<KubeObject> {
  return status === undefined ? {} : { status };
}

function withoutVersion({ metadata, ...rest }: KubeObject): unknown {
  return { ...rest, metadata: { ...metadata, resourceVersion: '' } };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** RFC 7386. */
function merge(into: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof into === 'object' && into !== null && !Array.isArray(into) ? into : {};
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}
