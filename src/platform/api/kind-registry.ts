/** The kinds that are served right now: the built-in ones, and those of the CustomResourceDefinitions in the store. */

import type { KubeObject, ResourceType } from '../../lib/resource.ts';
import { kindsOfCrd } from './crd/kinds-of-crd.ts';
import type { KindDefinition } from './kind.ts';
import { type ResourceId, resourceIdOf } from './store/stored-object.ts';

type Address = Pick<ResourceType, 'group' | 'version' | 'plural'>;

export class KindRegistry {
  readonly #builtIn: readonly KindDefinition[];
  readonly #custom = new Map<string, readonly KindDefinition[]>();
  #byAddress = new Map<string, KindDefinition>();
  #byResource = new Map<ResourceId, KindDefinition>();
  #all: readonly KindDefinition[] = [];

  constructor(builtIn: readonly KindDefinition[]) {
    this.#builtIn = builtIn;
    this.#index();
  }

  /** All kinds and versions; a new array after each change, so that documents made from it can be kept until then. */
  get all(): readonly KindDefinition[] {
    return this.#all;
  }

  find(address: Address): KindDefinition | undefined {
    return this.#byAddress.get(addressKey(address));
  }

  /** Whether anything is served under a version of a group. */
  serves({ group, version }: Pick<ResourceType, 'group' | 'version'>): boolean {
    return this.#all.some(({ type }) => type.group === group && type.version === version);
  }

  /** One of the served versions of a resource. */
  ofResource(resource: ResourceId): KindDefinition | undefined {
    return this.#byResource.get(resource);
  }

  /** Serves, or serves anew, what a CustomResourceDefinition defines. */
  define(crd: KubeObject): void {
    this.#custom.set(crd.metadata.name, kindsOfCrd(crd));
    this.#index();
  }

  /** Stops serving what a CustomResourceDefinition defined. */
  forget(crdName: string): void {
    this.#custom.delete(crdName);
    this.#index();
  }

  #index(): void {
    this.#all = [...this.#builtIn, ...[...this.#custom.values()].flat()];
    this.#byAddress = new Map(this.#all.map((kind) => [addressKey(kind.type), kind]));
    this.#byResource = new Map([...this.#all].reverse().map((kind) => [resourceIdOf(kind.type), kind]));
  }
}

/** Built-in kinds follow Go's types and have rules of their own; custom resources follow their schema alone. */
export function isBuiltIn(kind: KindDefinition): boolean {
  return kind.strategicMerge;
}

function addressKey({ group, version, plural }: Address): string {
  return `${group}/${version}/${plural}`;
}
