/**
 * What a compiler of tables keeps from one table to the next, so that a change costs what it changes: resources and services are
 * never changed in place, and whatever is made of the same ones in the same surroundings is the same object as before.
 */

import { isSameList, Memo } from '../../lib/memo.ts';
import { Ordering } from '../../lib/ordering.ts';
import type { DestinationRule } from '../schema/destination-rule.ts';
import type { RetriesSpec } from '../schema/http-route.ts';
import { DEFAULT_MESH, type MeshSettings } from '../schema/mesh-config.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Route, VirtualHost } from '../table/route-table.ts';
import type { CompiledCluster } from './compile-clusters.ts';
import { defaultExports } from './default-exports.ts';
import { type DestinationPolicy, MergedRules } from './destination-policy.ts';
import type { ExpandedMemo } from './expand-delegates.ts';
import type { ServiceHostsMemo } from './mesh-hosts.ts';
import type { Caller, MeshInput, MeshService } from './mesh-input.ts';
import { areSamePlaces, type ReferredPlaces } from './referred-places.ts';
import type { TableIssue } from './table-issue.ts';
import { byAge } from './virtual-service-index.ts';

/** What is the same for everything in a table, and hardly ever changes. */
export type Frame = { role: 'sidecar' | 'gateway'; caller: Caller; mesh: MeshSettings };

/** What the routes of a VirtualService depend on, beside itself. */
export type RoutesSurroundings = {
  hasCluster: (name: string) => boolean;
  portOf: (host: string) => number;
  retriesTo: (host: string) => RetriesSpec | undefined;
};

type RoutesMemo = Memo<VirtualService, RoutesSurroundings, { routes: Route[]; found: ReadonlyMap<string, TableIssue> }>;

/** Everything that was made within one frame. */
export class FrameMemos {
  readonly frame: Frame;
  readonly withExports: (input: MeshInput) => MeshInput;
  readonly virtualServicesByAge = new Ordering<VirtualService>(byAge);
  readonly rulesByAge = new Ordering<DestinationRule>(byAge);
  readonly servicesByHost = new Ordering<MeshService>((a, b) => (a.host < b.host ? -1 : 1));
  readonly merged = new MergedRules();
  readonly expanded: ExpandedMemo = new Memo();
  readonly unserved = new Memo<DestinationRule, Record<string, never>, ReadonlyMap<string, TableIssue>>();
  readonly serviceHosts: ServiceHostsMemo = new Memo();
  readonly clusters = new Memo<MeshService, { policy: () => DestinationPolicy }, CompiledCluster[]>();
  #places: ReferredPlaces = { services: [], retries: new Map() };
  readonly #ways = new Map<string, { memo: RoutesMemo; surroundings: RoutesSurroundings | undefined }>();
  readonly #named = new WeakMap<readonly Route[], VirtualHost>();
  #hosts: ReadonlyMap<string, VirtualHost> = new Map();

  constructor(frame: Frame) {
    this.frame = frame;
    this.withExports = defaultExports(frame.mesh);
  }

  /** Said before routes are asked for: what they may refer to in this table. */
  refersTo(places: ReferredPlaces): void {
    if (!areSamePlaces(this.#places, places)) for (const way of this.#ways.values()) way.surroundings = undefined;
    this.#places = places;
  }

  /**
   * Routes of VirtualServices as they are compiled in one way: for one port, one gateway, and so on.
   *
   * @param surroundings depend on the places that are referred to, and on nothing else
   */
  routesOf(way: string, surroundings: RoutesSurroundings): { memo: RoutesMemo; surroundings: RoutesSurroundings } {
    const before = this.#ways.get(way);
    const next = { memo: before?.memo ?? new Memo(), surroundings: before?.surroundings ?? surroundings };
    this.#ways.set(way, next);
    return next;
  }

  /** The virtual host of a name; the one of before, where its routes are those of before. */
  namedHost(host: string, port: number, routes: readonly Route[]): VirtualHost {
    const before = this.#named.get(routes);
    if (before?.domains[0] === host && before.port === port) return before;
    const named = { name: `${host}:${port}`, domains: [host], port, portDomains: [host], routes };
    this.#named.set(routes, named);
    return named;
  }

  /** The virtual hosts of a table, where possible as the objects that they were in the table before. */
  keepHosts(hosts: readonly VirtualHost[]): ReadonlyMap<string, VirtualHost> {
    const before = this.#hosts;
    this.#hosts = new Map(hosts.map((host) => [host.name, sameHost(before.get(host.name), host)]));
    return this.#hosts;
  }
}

export class CompileMemos {
  #memos: FrameMemos | undefined;
  #text = '';

  /** @returns what was kept from the last table, if it was made for the same role, caller and mesh */
  within({ role = 'sidecar', caller = {}, mesh = DEFAULT_MESH }: MeshInput): FrameMemos {
    const frame = { role, caller, mesh };
    const text = JSON.stringify(frame);
    if (this.#memos === undefined || this.#text !== text) this.#memos = new FrameMemos(frame);
    this.#text = text;
    return this.#memos;
  }
}

function sameHost(before: VirtualHost | undefined, now: VirtualHost): VirtualHost {
  if (before === undefined || before === now) return now;
  const isSame =
    before.port === now.port &&
    isSameList(before.domains, now.domains) &&
    isSameList(before.portDomains ?? [], now.portDomains ?? []) &&
    isSameList(before.routes, now.routes);
  return isSame ? before : now;
}
