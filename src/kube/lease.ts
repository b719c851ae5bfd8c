/**
 * Who of several leads: one Lease of coordination.k8s.io, renewed by its holder. Clocks of machines are never compared: a holder has
 * lost its lease when we have seen no renewal for the lease's duration by our own clock (as client-go does).
 */

import { type Clock, delay, type EpochMs } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeObject } from '../lib/resource.ts';
import type { KubeClient } from './kube-client.ts';
import { LEASE } from './resource-types.ts';

export type LeaseObject = KubeObject & {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
};

export type LeadershipOptions = {
  client: KubeClient;
  namespace: string;
  name: string;
  /** Unique per process, such as host and process id. */
  identity: string;
  /** How long a silent holder is respected, in milliseconds. */
  durationMs?: number;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Called once per term; its signal is aborted when the lease could not be renewed in time or on close. */
  lead: (signal: AbortSignal) => void;
};

export type Leadership = {
  leads(): boolean;
  /** Ends a term, and gives the lease back so that the next one need not wait. */
  close(): Promise<void>;
};

/** Starts at once and goes on until closed. */
export function seekLeadership(options: LeadershipOptions): Leadership {
  const { client, namespace, name, identity, durationMs = 15_000, clock, random, logger, lead } = options;
  const closing = new AbortController();
  /** Shorter than the lease: whoever lost it has stopped before another may begin. */
  const termMs = (durationMs * 2) / 3;
  let term: AbortController | undefined;
  let renewedAt = 0;
  let observed = { version: '', at: 0 };

  const attempt = async (): Promise<boolean> => {
    const current = await client.get<LeaseObject>(LEASE, { namespace, name });
    const startedAt = clock.monotonicMs();
    if (current === undefined) {
      await client.create(LEASE, { ...emptyLease(namespace, name), spec: termSpec(undefined, options, clock.now()) });
    } else {
      const version = current.metadata.resourceVersion ?? '';
      if (version !== observed.version) observed = { version, at: startedAt };
      const holder = current.spec?.holderIdentity ?? '';
      const patienceMs = (current.spec?.leaseDurationSeconds ?? durationMs / 1_000) * 1_000;
      if (holder !== '' && holder !== identity && startedAt < observed.at + patienceMs) return false;
      await client.replace(LEASE, { ...current, spec: termSpec(current, options, clock.now()) });
    }
    renewedAt = startedAt;
    return true;
  };

  /** A server that does not answer must not stretch a term until somebody else has begun one. */
  const attemptInTime = async (): Promise<boolean> => {
    if (term === undefined) return attempt();
    const answered = new AbortController();
    const deadline = delay(clock, Math.max(0, renewedAt + termMs - clock.monotonicMs()), answered.signal).then(() => {
      throw new Error('The API server did not answer within the term');
    });
    try {
      return await Promise.race([attempt(), deadline]);
    } finally {
      deadline.catch(() => {});
      answered.abort();
    }
  };

  const turn = async (): Promise<void> => {
    const held = await attemptInTime().catch((thrown: unknown) => {
      logger.debug({ lease: name, error: messageOf(thrown) }, 'lease not renewed');
      // A write that failed may succeed before the term is over; whoever else holds the lease is seen by reading it.
      return term !== undefined && clock.monotonicMs() < renewedAt + termMs;
    });
    if (closing.signal.aborted) return;
    if (held && term === undefined) {
      term = new AbortController();
      logger.info({ lease: name, identity }, 'leading');
      lead(term.signal);
    } else if (!held && term !== undefined) {
      logger.warn({ lease: name, identity }, 'no longer leading');
      term.abort(new Error('The lease was lost'));
      term = undefined;
    }
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await turn();
      await delay(clock, (durationMs / 5) * (1 + random() / 5), closing.signal).catch(() => {});
    }
  };
  const ended = run();

  return {
    leads: () => term !== undefined,
    async close() {
      closing.abort();
      await ended;
      if (term === undefined) return;
      term.abort(new Error('The leadership was given back'));
      term = undefined;
      await release(options).catch((thrown: unknown) => {
        logger.debug({ lease: name, error: messageOf(thrown) }, 'lease not given back');
      });
    },
  };
}

async function release({ client, namespace, name, identity }: LeadershipOptions): Promise<void> {
  const current = await client.get<LeaseObject>(LEASE, { namespace, name });
  if (current?.spec?.holderIdentity !== identity) return;
  await client.replace(LEASE, { ...current, spec: { ...current.spec, holderIdentity: '', leaseDurationSeconds: 1 } });
}

/** The record of a holder at `at`; transitions count changes of the holder. */
function termSpec(
  current: LeaseObject | undefined,
  { identity, durationMs = 15_000 }: Pick<LeadershipOptions, 'identity' | 'durationMs'>,
  at: EpochMs,
): NonNullable<LeaseObject['spec']> {
  const same = current?.spec?.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.round(durationMs / 1_000)),
    acquireTime: (same ? current.spec?.acquireTime : undefined) ?? toMicroTime(at),
    renewTime: toMicroTime(at),
    leaseTransitions: (current?.spec?.leaseTransitions ?? 0) + (same || current === undefined ? 0 : 1),
  };
}

/** An empty Lease of that name. */
export function emptyLease(namespace: string, name: string): LeaseObject {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name } };
}

/** A MicroTime: RFC 3339 with exactly six digits of a second, or the API server refuses it. */
export function toMicroTime(at: EpochMs): string {
  return new Date(at).toISOString().replace('Z', '000Z');
}
