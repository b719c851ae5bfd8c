/**
 * The embedded API server: Kubernetes' API over one SQLite file, for kubectl and for everything in Sluice that would otherwise
 * talk to a cluster. It is what it says it is not: there is no RBAC, no admission webhook, no exec and one machine only.
 */

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import type { SluiceError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { ensureServerCertificates } from '../certificates/server-certificates.ts';
import type { ApiContext, PodLogs } from './api-context.ts';
import { builtinKinds } from './builtin/builtin-kinds.ts';
import { ensureToken, replacePrivately, writeKubeconfig } from './credentials.ts';
import { createDispatcher } from './http/dispatch.ts';
import { Documents } from './http/documents.ts';
import { type Listener, listen } from './http/listen.ts';
import { KindRegistry } from './kind-registry.ts';
import { publishApiService } from './lifecycle/api-service.ts';
import { createDefaultNamespaces } from './lifecycle/default-namespaces.ts';
import { GarbageCollector } from './lifecycle/garbage-collector.ts';
import { keepHouse } from './lifecycle/housekeeping.ts';
import { serveDefinitions } from './lifecycle/serve-definitions.ts';
import { openDatabase } from './store/database.ts';
import { ObjectStore } from './store/object-store.ts';

export type ApiServerOptions = {
  /** Holds `store.db`, `pki/`, `kubeconfig` and `api-port`; made if missing. */
  dataDir: string;
  /** Absent: that of last time, or a free one. */
  port?: number;
  clock: Clock;
  random: () => number;
  logger: Logger;
  podLogs?: PodLogs;
  /**
   * Called once, when the disk has failed under the store (SL0203): reads go on from memory, writes are refused. Whoever owns the process
   * should end it, so that the next one looks at what the disk really holds.
   */
  onStoreFailure?: (failure: SluiceError) => void;
};

export type ApiServer = {
  url: string;
  port: number;
  kubeconfigPath: string;
  token: string;
  caPath: string;
  close(): Promise<void>;
};

/**
 * Starts to serve; requests are answered once this resolves.
 *
 * @throws SluiceError SL0200, SL0201 or SL0202 for the store, SL0003 for a port that was asked for and is taken
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { dataDir, clock } = options;
  const pkiDir = join(dataDir, 'pki');
  mkdirSync(pkiDir, { recursive: true, mode: 0o700 });
  const certificates = ensureServerCertificates(pkiDir, clock.now());
  const token = ensureToken(pkiDir);
  const core = startCore(options);
  try {
    const dispatcher = createDispatcher(core.context, { documents: new Documents(core.context), token });
    const portPath = join(dataDir, 'api-port');
    const listener = await listenAsBefore((port) => listen(dispatcher, { certificates, port }), {
      asked: options.port,
      stored: readPort(portPath),
    });
    publishApiService(core.context, listener.port);
    const url = `https://127.0.0.1:${listener.port}`;
    replacePrivately(portPath, `${listener.port}\n`);
    const kubeconfigPath = join(dataDir, 'kubeconfig');
    writeKubeconfig(kubeconfigPath, { url, ca: certificates.ca, token });
    const close = async () => {
      await listener.close();
      core.close();
    };
    return { url, port: listener.port, kubeconfigPath, token, caPath: certificates.caPath, close };
  } catch (thrown) {
    core.close();
    throw thrown;
  }
}

/** Everything but the network. */
function startCore({ dataDir, clock, random, logger, podLogs, onStoreFailure }: ApiServerOptions) {
  const onFailure = (failure: SluiceError) => {
    logger.error({ code: failure.code, error: failure.message }, 'the disk failed under the store');
    onStoreFailure?.(failure);
  };
  const store = new ObjectStore(openDatabase(join(dataDir, 'store.db')), { clock, onFailure });
  const kinds = new KindRegistry(builtinKinds());
  const context: ApiContext = { store, kinds, clock, random, logger, ...(podLogs === undefined ? {} : { podLogs }) };
  serveDefinitions(context);
  createDefaultNamespaces(context);
  const collector = new GarbageCollector(context);
  const stopHousekeeping = keepHouse(context);
  const close = () => {
    stopHousekeeping();
    collector.close();
    store.close();
  };
  return { context, close };
}

type Ports = { asked: number | undefined; stored: number | undefined };

/** A port that was asked for must be had; that of last time is only preferred, since kubeconfigs are written anew. */
async function listenAsBefore(
  listenOn: (port: number) => Promise<Listener>,
  { asked, stored }: Ports,
): Promise<Listener> {
  if (asked !== undefined) return listenOn(asked);
  if (stored === undefined) return listenOn(0);
  try {
    return await listenOn(stored);
  } catch {
    return listenOn(0);
  }
}

function readPort(path: string): number | undefined {
  const port = existsSync(path) ? Number(readFileSync(path, 'utf8').trim()) : 0;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}
