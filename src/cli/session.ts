/** One command's conversation with an API server: which one, which namespace, and how its trouble is worded. */

import type { KubeClient } from '../kube/kube-client.ts';
import { chooseServer, type ServerFlags } from './server-choice.ts';
import type { Surroundings } from './surroundings.ts';

export type Session = {
  client: KubeClient;
  namespace: string;
  /** For the line that every write prints, so that nobody approves in production by accident. */
  place: string;
};

/** @throws SluiceError SL0004 when there is no server to talk to */
export async function openSession(flags: ServerFlags, surroundings: Surroundings): Promise<Session> {
  const { kubeconfigPath, because } = chooseServer(flags, surroundings);
  const client = await surroundings.connect({
    ...(kubeconfigPath === undefined ? {} : { kubeconfigPath }),
    ...(flags.context === undefined ? {} : { context: flags.context }),
    ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
  });
  const { context, server, namespace } = client.target;
  return {
    client,
    namespace: flags.namespace ?? namespace,
    place: `context ${context} (${server}, from ${because}), namespace ${flags.namespace ?? namespace}`,
  };
}

/** Runs `use` with a session and closes its connections afterwards. */
export async function withSession<T>(
  flags: ServerFlags,
  surroundings: Surroundings,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(flags, surroundings);
  try {
    return await use(session);
  } finally {
    await session.client.close();
  }
}
