/** Pages of the admin port that show what is served: the table, listeners, and clusters with the state of their endpoints. */

import type { ClusterDump, ListenerDump, ProxyDump } from '../../mesh/table/proxy-dump.ts';
import { collect, json } from './admin-answer.ts';
import type { AdminPage, AdminSubject } from './admin-pages.ts';
import { toRouteTable } from './stored-table.ts';
import type { WorkerPool } from './worker-pool.ts';

export const DUMP_PAGES: Readonly<Record<string, AdminPage>> = {
  '/config_dump': {
    method: 'GET',
    help: 'table, listeners, and which table each worker serves',
    answer: (subject) => json(configOf(subject)),
  },
  '/routes': {
    method: 'GET',
    help: 'the table that is served',
    answer: ({ pool }) => json(toRouteTable(pool.table)),
  },
  '/listeners': { method: 'GET', help: 'where connections are taken', answer: ({ pool }) => json(listenersOf(pool)) },
  '/clusters': {
    method: 'GET',
    help: 'clusters with load and health of their endpoints',
    async answer(subject) {
      await collect(subject);
      return json(clustersOf(subject.pool));
    },
  },
};

function configOf({ pool, version }: AdminSubject): ProxyDump {
  const { refused } = pool;
  return {
    version,
    role: pool.settings.role,
    reading: pool.settings.reading,
    listeners: listenersOf(pool),
    workers: pool.workers.map((worker) => ({
      pid: worker.pid ?? 0,
      ...(worker.version !== undefined && { tableVersion: worker.version }),
    })),
    ...(refused && { refused }),
    table: toRouteTable(pool.table),
  };
}

function listenersOf({ settings: { host, listeners } }: WorkerPool): ListenerDump[] {
  return listeners.map((listener) => ({ address: host, ...listener }));
}

function clustersOf(pool: WorkerPool): ClusterDump[] {
  const table = toRouteTable(pool.table);
  const loads = Map.groupBy(
    pool.workers.flatMap(({ report }) => report?.endpoints ?? []),
    ({ cluster, address }) => `${cluster} ${address}`,
  );
  return Object.values(table.clusters).map((cluster) => {
    const ejected = pool.ejectedOf(cluster.name);
    const endpoints = (table.endpoints[cluster.name]?.endpoints ?? []).map((endpoint) => {
      const mine = loads.get(`${cluster.name} ${endpoint.address}`) ?? [];
      const sum = (key: 'active' | 'idle') => mine.reduce((total, load) => total + load[key], 0);
      const isEjected = ejected.includes(endpoint.address);
      return { ...endpoint, active: sum('active'), idle: sum('idle'), isEjected };
    });
    return { ...cluster, endpoints };
  });
}
