/**
 * Keeps the proxy's route table current: watches services, endpoints, pods and Istio's resources, compiles, and hands out what
 * changed. Nothing polls; changes that come together are compiled together.
 */

import type { KubeClient } from '../kube/kube-client.ts';
import { queryOf, resourcePath } from '../kube/resource-path.ts';
import { ENDPOINT_SLICE, NODE, POD, REPLICA_SET, SERVICE } from '../kube/resource-types.ts';
import { createWatchCache } from '../kube/watch-cache.ts';
import { type Clock, delay } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type ObjectRef, objectKey, type ResourceType } from '../lib/resource.ts';
import { CompileMemos } from '../mesh/compile/compile-memos.ts';
import { compileTable } from '../mesh/compile/compile-table.ts';
import type { TableIssue } from '../mesh/compile/table-issue.ts';
import {
  DESTINATION_RULE,
  GATEWAY,
  SERVICE_ENTRY,
  SIDECAR,
  VIRTUAL_SERVICE,
  WORKLOAD_ENTRY,
} from '../mesh/istio-kinds.ts';
import { appliesToMesh } from '../mesh/schema/virtual-service.ts';
import { holdingKey } from '../mesh/table/handover.ts';
import { type GatheredMesh, GatherMemos, gatherMesh, type MeshObjects } from './gather-mesh.ts';
import { createNameResolver, type NameResolverOptions } from './name-resolver.ts';
import { createGenerationWriter, type ServedGeneration } from './observed-generation.ts';
import { createPodFarewells } from './pod-farewells.ts';
import { createProxyLink } from './proxy-link.ts';
import { systemDns } from './system-dns.ts';
import { type TableItems, tableItems } from './table-items.ts';

export type DiscoveryOptions = {
  client: KubeClient;
  /** Unix socket on which the proxy's parent listens; it may appear later. */
  socketPath: string;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Asks for the addresses of a DNS name; this machine's way unless told otherwise. */
  resolve?: NameResolverOptions['resolve'];
  /** Called with everything there is to say, whenever that changes. */
  onIssues?: (issues: readonly TableIssue[]) => void;
};

export type Discovery = {
  /** Resolves when the first table is compiled and on offer. */
  synced: Promise<void>;
  /** Resolves when every live worker serves a table without an endpoint of the pod. */
  acknowledgedWithout(pod: ObjectRef): Promise<void>;
  close(): Promise<void>;
};

/** Changes within this time are compiled together. */
const COALESCE_MS = 20;
/** Kinds without which a table can be made are waited for this long at the start. */
const OPTIONAL_KINDS_MS = 5_000;
const RETRY_STATUS_MS = 1_000;

type TableExtra = { pods: ReadonlySet<string>; generations: readonly ServedGeneration[] };

export function startDiscovery(options: DiscoveryOptions): Discovery {
  const { client, socketPath, clock, random, logger, resolve = systemDns, onIssues } = options;
  const watch = (type: ResourceType) => createWatchCache(client, type, { clock, random, logger });
  const services = watch(SERVICE);
  const endpointSlices = watch(ENDPOINT_SLICE);
  const pods = watch(POD);
  const replicaSets = watch(REPLICA_SET);
  const nodes = watch(NODE);
  const virtualServices = watch(VIRTUAL_SERVICE);
  const istio = [
    { type: VIRTUAL_SERVICE, cache: virtualServices },
    ...[DESTINATION_RULE, SERVICE_ENTRY, WORKLOAD_ENTRY, GATEWAY, SIDECAR].map((type) => ({
      type,
      cache: watch(type),
    })),
  ];
  const required = [services, endpointSlices, pods];
  const optional = [{ type: REPLICA_SET, cache: replicaSets }, { type: NODE, cache: nodes }, ...istio];
  const caches = [...required, ...optional.map(({ cache }) => cache)];

  const closing = new AbortController();
  const gatherMemos = new GatherMemos();
  const compileMemos = new CompileMemos();
  const farewells = createPodFarewells();
  const reportIssues = createIssueReporter(logger, onIssues);
  const writer = createGenerationWriter(client, {
    current: ({ namespace, name }) => virtualServices.get(namespace, name),
    logger,
  });
  let cancelTurn: (() => void) | undefined;
  let cancelRetry = (): void => {};
  let started = false;

  const link = createProxyLink<TableExtra>({
    socketPath,
    clock,
    random,
    logger,
    onServed({ items, extra }, version, skipped) {
      logger.debug({ version }, 'route table served');
      farewells.served(extra.pods);
      void writer.write(servedGenerations(extra.generations, items, skipped), version).then((done) => {
        if (!done) cancelRetry = clock.after(RETRY_STATUS_MS, schedule);
      });
    },
  });

  const turn = (): void => {
    cancelTurn = undefined;
    const names = new Set<string>();
    const lookup = (name: string): readonly string[] => {
      names.add(name);
      return resolver.addressesOf(name);
    };
    const objects: MeshObjects = {
      services: services.list(),
      endpointSlices: endpointSlices.list(),
      istio: istio.flatMap(({ cache }) => cache.list()),
      lookup,
      pod: (namespace, name) => pods.get(namespace, name),
      podsOf: (namespace) => pods.list().filter(({ metadata }) => metadata.namespace === namespace),
      replicaSet: (namespace, name) => replicaSets.get(namespace, name),
      node: (name) => nodes.get(undefined, name),
    };
    const gathered = gatherMesh(objects, gatherMemos);
    const { table, issues } = compileTable(gathered.input, compileMemos);
    void resolver.follow(names);
    reportIssues([...gathered.issues, ...issues]);
    farewells.compiled(gathered.pods);
    link.offer({ items: tableItems(table), extra: { pods: gathered.pods, generations: generationsOf(gathered) } });
  };

  // The server has checked every object; should one still surprise the compiler, the table before stays in force.
  const guardedTurn = (): void => {
    try {
      turn();
    } catch (thrown) {
      logger.error({ error: messageOf(thrown) }, 'route table not compiled');
    }
  };

  const schedule = (): void => {
    if (!started || closing.signal.aborted) return;
    cancelTurn ??= clock.after(COALESCE_MS, guardedTurn);
  };

  const resolver = createNameResolver({ resolve, clock, logger, onChange: schedule });
  for (const cache of caches) cache.onChange(() => schedule());

  const synced = (async () => {
    await Promise.all(required.map((cache) => cache.synced));
    const patience = delay(clock, OPTIONAL_KINDS_MS, closing.signal);
    const known = optional.map(({ type, cache }) => Promise.race([cache.synced, whenUnreadable(client, type)]));
    await Promise.race([Promise.all(known), patience]);
    started = true;
    guardedTurn();
  })();
  synced.catch(() => {});

  return {
    synced,
    acknowledgedWithout: (pod) => farewells.without(objectKey(pod)),
    async close() {
      closing.abort(new Error('Discovery was closed'));
      cancelTurn?.();
      cancelRetry();
      for (const cache of caches) cache.close();
      resolver.close();
      link.close();
    },
  };
}

/** Resolves when the server says that it has no such kind, or that it is none of our business; else never. */
async function whenUnreadable(client: KubeClient, type: ResourceType): Promise<void> {
  const path = `${resourcePath(type, {})}${queryOf({ limit: 1 })}`;
  const answer = await client.raw({ method: 'GET', path }).catch(() => undefined);
  if (answer?.status !== 404 && answer?.status !== 403) await new Promise(() => {});
}

function generationsOf({ input }: GatheredMesh): ServedGeneration[] {
  return input.virtualServices
    .filter(({ spec }) => appliesToMesh(spec))
    .map(({ metadata: { name, namespace, generation } }) => ({ name, namespace, generation }));
}

/** Those that are in force: what stands in a virtual host that the proxy skipped is not. */
function servedGenerations(
  generations: readonly ServedGeneration[],
  items: TableItems,
  skipped: ReadonlySet<string>,
): readonly ServedGeneration[] {
  if (skipped.size === 0) return generations;
  const absent = new Set(
    [...skipped].flatMap((name) => {
      const item = items.get(holdingKey('virtualHost', name));
      return item?.kind === 'virtualHost' ? item.value.routes.map(({ virtualService }) => virtualService) : [];
    }),
  );
  return generations.filter((each) => !absent.has(objectKey(each)));
}

/** Logs each issue when it appears, not at every compilation. */
function createIssueReporter(logger: Logger, onIssues: DiscoveryOptions['onIssues']) {
  let known = new Set<string>();
  return (issues: readonly TableIssue[]): void => {
    const texts = new Set(issues.map((issue) => JSON.stringify(issue)));
    if (texts.size === known.size && texts.isSubsetOf(known)) return;
    for (const issue of issues) {
      if (known.has(JSON.stringify(issue))) continue;
      const { level, message, ...where } = issue;
      logger[level === 'error' ? 'error' : 'warn']({ ...where, found: message }, 'resource needs attention');
    }
    known = texts;
    onIssues?.(issues);
  };
}
