/**
 * The objects of the API server: one row per object and a log of changes in SQLite, and the current objects in memory, because
 * there are few and everything reads them. A change is on disk before anyone hears of it.
 *
 * Invariant: the ids of the log are contiguous above its floor, and the id of an entry is the resource version of its object.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../../lib/clock.ts';
import { messageOf, SluiceError } from '../../../lib/errors.ts';
import { type KubeObject, type ObjectRef, objectKey } from '../../../lib/resource.ts';
import { createStoreRows, type StoreRows } from './store-rows.ts';
import { type Change, type ChangeType, type ResourceId, type StoredObject, serialise } from './stored-object.ts';

export type LogLimits = {
  /** Entries that are kept at least, young or old. */
  entriesMax: number;
  /** Entries older than this many milliseconds are dropped. */
  ageMsMax: number;
};

export type StoreOptions = {
  clock: Clock;
  limits?: LogLimits;
  /** Called once, when the disk has failed and nothing is written any more. */
  onFailure?: (failure: SluiceError) => void;
};

const DEFAULT_LIMITS: LogLimits = { entriesMax: 8_000, ageMsMax: 600_000 };
/** Compacting every so many writes costs next to nothing per write. */
const WRITES_PER_COMPACTION = 256;

export class ObjectStore {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #limits: LogLimits;
  readonly #onFailure: (failure: SluiceError) => void;
  readonly #objects = new Map<ResourceId, Map<string, StoredObject>>();
  readonly #byUid = new Map<string, StoredObject>();
  readonly #dependents = new Map<string, Set<string>>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #rows: StoreRows;
  #version: number;
  #floor: number;
  /** Set once, by the disk. */
  #failure: SluiceError | undefined;

  constructor(database: DatabaseSync, { clock, limits = DEFAULT_LIMITS, onFailure = () => {} }: StoreOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#limits = limits;
    this.#onFailure = onFailure;
    this.#rows = createStoreRows(database);
    this.#version = this.#rows.newest();
    this.#floor = this.#readFloor();
    for (const stored of this.#rows.objects()) this.#remember(stored);
  }

  /** The resource version of the newest change. */
  get version(): number {
    return this.#version;
  }

  /** Changes up to and including this version are no longer known. */
  get floor(): number {
    return this.#floor;
  }

  get(resource: ResourceId, ref: ObjectRef): StoredObject | undefined {
    return this.#objects.get(resource)?.get(objectKey(ref));
  }

  byUid(uid: string): StoredObject | undefined {
    return this.#byUid.get(uid);
  }

  /** All objects of a resource, or those of one namespace, by key. */
  list(resource: ResourceId, namespace?: string): StoredObject[] {
    return inOrder(this.#objects.get(resource), namespace);
  }

  /** The same as it was at `version`, which must not be below the floor. */
  listAt(resource: ResourceId, { version, namespace }: { version: number; namespace?: string }): StoredObject[] {
    if (version >= this.#version) return this.list(resource, namespace);
    return inOrder(stateBefore(this.#objects.get(resource), this.since(resource, version)), namespace);
  }

  /** Every object there is, for what concerns all kinds: namespaces that end, owners that are gone. */
  *all(): Iterable<StoredObject> {
    for (const ofResource of this.#objects.values()) yield* ofResource.values();
  }

  /** The objects that name `uid` as an owner. */
  dependentsOf(uid: string): StoredObject[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#byUid.get(dependent) ?? []);
  }

  /** Writes an object, new or changed, and gives it the next resource version. */
  put(resource: ResourceId, object: KubeObject): StoredObject {
    const previous = this.get(resource, object.metadata);
    return this.#write(previous === undefined ? 'ADDED' : 'MODIFIED', resource, object, previous);
  }

  /** Removes an object; its last state is logged under a resource version of its own. */
  remove(stored: StoredObject, lastState: KubeObject = stored.object): StoredObject {
    return this.#write('DELETED', stored.resource, lastState, stored);
  }

  /**
   * What happened to a resource after `version`, oldest first. Ask only for versions at or above the floor.
   *
   * @throws SluiceError SL0202 where the disk has changed what was written
   */
  since(resource: ResourceId, version: number): Change[] {
    return this.#rows.since(resource, version);
  }

  /** Calls `listener` after each change, in order; the returned function ends that. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Drops log entries beyond the limits of number and age. */
  compact(): void {
    const aged = this.#rows.newestBefore(this.#clock.now() - this.#limits.ageMsMax) ?? 0;
    // The newest entry stays: it says, under its checksum, which number was given last.
    const upTo = Math.min(this.#version - 1, Math.max(aged, this.#version - this.#limits.entriesMax));
    if (upTo <= this.#floor) return;
    this.#rows.dropLog(upTo);
    this.#floor = this.#readFloor();
  }

  /** Why nothing is written any more, if that is so. */
  get failure(): SluiceError | undefined {
    return this.#failure;
  }

  close(): void {
    this.#listeners.clear();
    this.#database.close();
  }

  #write(type: ChangeType, resource: ResourceId, object: KubeObject, previous: StoredObject | undefined): StoredObject {
    const version = this.#version + 1;
    const written: KubeObject = { ...object, metadata: { ...object.metadata, resourceVersion: `${version}` } };
    const current: StoredObject = { resource, object: written, text: serialise(written), version };
    const change: Change = { type, version, current, ...(previous === undefined ? {} : { previous }) };
    this.#commit(change);
    this.#version = version;
    if (previous !== undefined) this.#forget(previous);
    if (type !== 'DELETED') this.#remember(current);
    for (const listener of this.#listeners) listener(change);
    if (version % WRITES_PER_COMPACTION === 0) this.#compactIfPossible();
    return current;
  }

  /** The write before it is on disk and told to everybody: whatever happens here must not make it look refused. */
  #compactIfPossible(): void {
    try {
      this.compact();
    } catch {
      // The log stays longer; housekeeping tries again and reports.
    }
  }

  #commit(change: Change): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      this.#rows.write(change, this.#clock.now());
      this.#database.exec('COMMIT');
    } catch (thrown) {
      this.#rollBack();
      throw this.#explained(thrown);
    }
  }

  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = brokenDisk(thrown);
    this.#onFailure(this.#failure);
  }

  /**
   * A full disk refuses one change, and takes the next when there is space. After any other failure of the disk nobody knows what it
   * holds, and an fsync that is tried again lies: nothing more is written, and reads go on from memory.
   */
  #explained(thrown: unknown): unknown {
    if (isBrokenDisk(thrown)) this.#fail(thrown);
    return this.#failure ?? thrown;
  }

  #remember(stored: StoredObject): void {
    const { resource, object } = stored;
    const ofResource = this.#objects.get(resource) ?? new Map<string, StoredObject>();
    this.#objects.set(resource, ofResource.set(objectKey(object.metadata), stored));
    const { uid = '', ownerReferences = [] } = object.metadata;
    this.#byUid.set(uid, stored);
    for (const owner of ownerReferences) {
      this.#dependents.set(owner.uid, (this.#dependents.get(owner.uid) ?? new Set()).add(uid));
    }
  }

  #forget({ resource, object }: StoredObject): void {
    this.#objects.get(resource)?.delete(objectKey(object.metadata));
    const { uid = '', ownerReferences = [] } = object.metadata;
    this.#byUid.delete(uid);
    for (const owner of ownerReferences) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }

  #readFloor(): number {
    const oldest = this.#rows.oldest();
    return oldest === undefined ? this.#version : oldest - 1;
  }
}

/** SQLite's IOERR, CORRUPT, CANTOPEN and NOTADB, whatever their extended codes say besides. https://sqlite.org/rescode.html */
const BROKEN = new Set([10, 11, 14, 26]);

function isBrokenDisk(thrown: unknown): boolean {
  const code = typeof thrown === 'object' && thrown !== null && 'errcode' in thrown ? Number(thrown.errcode) : 0;
  return BROKEN.has(code & 0xff);
}

function brokenDisk(cause: unknown): SluiceError {
  return new SluiceError('SL0203', `The store does not take changes any more: ${messageOf(cause)}`, { cause });
}

/** Undoes changes, the newest first. */
function stateBefore(
  current: ReadonlyMap<string, StoredObject> | undefined,
  changes: readonly Change[],
): Map<string, StoredObject> {
  const state = new Map(current);
  for (const { current: after, previous } of changes.toReversed()) {
    const key = objectKey(after.object.metadata);
    if (previous === undefined) state.delete(key);
    else state.set(key, previous);
  }
  return state;
}

function inOrder(
  objects: ReadonlyMap<string, StoredObject> | undefined,
  namespace: string | undefined,
): StoredObject[] {
  const all = [...(objects?.entries() ?? [])];
  const wanted =
    namespace === undefined ? all : all.filter(([, { object }]) => object.metadata.namespace === namespace);
  return wanted.sort(([left], [right]) => (left < right ? -1 : 1)).map(([, stored]) => stored);
}
