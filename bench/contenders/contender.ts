/** What is measured: a proxy that does the work of `mesh-objects.ts` in front of the upstreams. */

import type { Upstreams } from './upstreams.ts';

export type Contender = {
  name: string;
  port: number;
  /** Whose CPU time and memory count, descendants included. */
  pid: number;
  stop(): Promise<void>;
};

export type Surroundings = {
  /** For configuration and logs; removed at the end. */
  folder: string;
  upstreams: Upstreams;
};

export type StartContender = (name: string, surroundings: Surroundings) => Promise<Contender>;

/** The Host of all requests, unless a row has many. */
export const HOST = 'web.default.svc.cluster.local';
