/**
 * Which server to talk to and as whom: a kubeconfig read by client-node, which knows client certificates, tokens, token files,
 * OIDC and exec plugins. What it yields is kept for a moment, because it reads files anew for every request.
 */

import type { RequestOptions } from 'node:https';
import { delimiter } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock, EpochMs } from '../lib/clock.ts';
import { messageOf, SluiceError } from '../lib/errors.ts';

export type TlsMaterial = Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'rejectUnauthorized'> & {
  servername?: string;
};

export type Credentials = { headers: Record<string, string>; tls: TlsMaterial };

export type CredentialSource = {
  target: { context: string; server: string; namespace: string };
  proxyUrl: string | undefined;
  /** `fresh`: the server refused the last ones. */
  read(how?: 'fresh'): Promise<Credentials>;
};

export type KubeconfigChoice = {
  /** One path, or several joined as in KUBECONFIG. */
  kubeconfigPath?: string;
  kubeconfigText?: string;
  context?: string;
  namespace?: string;
};

/** Short enough for rotated token files, which overlap by minutes. */
const KEPT_FOR_MS = 10_000;

/**
 * Reads the kubeconfig, or without one the usual places (KUBECONFIG, the home folder, the service account of this pod).
 *
 * @throws SL0004 when nothing is configured, SL0100 when what is configured cannot be used
 */
export async function loadCredentials(choice: KubeconfigChoice, clock: Clock): Promise<CredentialSource> {
  const config = await loadKubeconfig(choice);
  if (choice.context !== undefined) config.setCurrentContext(choice.context);
  const context = config.getContextObject(config.getCurrentContext());
  const cluster = config.getCurrentCluster();
  if (context === null || cluster === null) {
    const known = config.getContexts().map(({ name }) => name);
    throw new SluiceError(
      'SL0100',
      `The kubeconfig has no usable context ${config.getCurrentContext()}: it has ${known.join(', ') || 'none'}`,
    );
  }
  return {
    target: {
      context: context.name,
      server: cluster.server.replace(/\/+$/, ''),
      namespace: choice.namespace ?? context.namespace ?? 'default',
    },
    proxyUrl: cluster.proxyUrl,
    read: keptFor(KEPT_FOR_MS, clock, () => readCredentials(config)),
  };
}

async function loadKubeconfig({ kubeconfigPath, kubeconfigText }: KubeconfigChoice): Promise<KubeConfig> {
  // Imported late: it costs 0.4 s and 80 MB, which commands that need no server should not pay.
  const { KubeConfig: Config } = await import('@kubernetes/client-node');
  const config = new Config();
  try {
    if (kubeconfigText !== undefined) config.loadFromString(kubeconfigText);
    else if (kubeconfigPath === undefined) config.loadFromDefault();
    else {
      const [first = '', ...others] = kubeconfigPath.split(delimiter).filter((path) => path !== '');
      config.loadFromFile(first);
      for (const path of others) {
        const other = new Config();
        other.loadFromFile(path);
        config.mergeConfig(other, true);
      }
    }
  } catch (thrown) {
    throw new SluiceError('SL0100', `The kubeconfig cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
  // What client-node falls back to when it finds nothing is a guess that would hide the real trouble.
  if (
    config.getCurrentCluster()?.server === 'http://localhost:8080' &&
    config.getCurrentContext() === 'loaded-context'
  ) {
    throw new SluiceError('SL0004', 'No API server was found: there is no kubeconfig');
  }
  return config;
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions & { servername?: string } = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (thrown) {
    throw new SluiceError('SL0100', `The credentials cannot be obtained: ${messageOf(thrown)}`, {
      remedy: { kind: 'retry' },
      cause: thrown,
    });
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (typeof options.auth === 'string') {
    headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
  const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  return { headers, tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)) };
}

function keptFor<T>(keptMs: number, clock: Clock, read: () => Promise<T>): (how?: 'fresh') => Promise<T> {
  let kept: { value: Promise<T>; until: EpochMs } | undefined;
  return (how) => {
    if (kept !== undefined && how !== 'fresh' && clock.monotonicMs() < kept.until) return kept.value;
    const entry = { value: read(), until: clock.monotonicMs() + keptMs };
    kept = entry;
    entry.value.catch(() => {
      if (kept === entry) kept = undefined;
    });
    return entry.value;
  };
}
