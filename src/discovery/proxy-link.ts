/**
 * The connection to the proxy's parent process (mesh/table/handover.ts). Whatever is offered last is brought there, as the
 * difference to what the proxy holds; one version is under way at a time, so that a refusal leaves no doubt about what is held.
 */

import { connect, type Socket } from 'node:net';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { type FromProxy, holdingKey, ORPHANS_SERVE_MS, type ToProxy } from '../mesh/table/handover.ts';
import { type Held, type TableItems, tableDifference } from './table-items.ts';

/** A table on offer; `Extra` is what the caller wants to know about it once it is served. */
export type Offer<Extra> = { items: TableItems; extra: Extra };

export type ProxyLink<Extra> = {
  /** Replaces what was offered before. */
  offer(offer: Offer<Extra>): void;
  close(): void;
};

export type ProxyLinkOptions<Extra> = {
  socketPath: string;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /**
   * Every live worker serves exactly this table, save for the virtual hosts in `skipped`, which answer as before. Called again when
   * an equal table is offered.
   */
  onServed: (offer: Offer<Extra>, version: number, skipped: ReadonlySet<string>) => void;
};

/** The workers of a parent that is gone notice it a little later than we do. */
const ORPHANS_GONE_MS = ORPHANS_SERVE_MS + 500;
const RECONNECT = { baseMs: 50, maxMs: 2_000, jitter: 0.5 };

export function createProxyLink<Extra>(options: ProxyLinkOptions<Extra>): ProxyLink<Extra> {
  const { socketPath, clock, random, logger, onServed } = options;
  let socket: Socket | undefined;
  let cancelReconnect = (): void => {};
  let failures = 0;
  let closed = false;
  /** Until then workers of a parent that is gone may serve a table of before. */
  let orphansUntilMs = 0;
  /** Absent until the proxy has said hello on this connection. */
  let held: Held | undefined;
  let version = 0;
  let offered: Offer<Extra> | undefined;
  let underWay: { offer: Offer<Extra>; version: number } | undefined;
  /** The last refused table: offered again unchanged, it would be refused again. */
  let refused: string | undefined;

  const open = (): void => {
    const opened = connect(socketPath);
    socket = opened;
    opened.setEncoding('utf8');
    opened.on(
      'data',
      createLineReader(receive, () => opened.destroy()),
    );
    // 'close' follows every error, and is where the next attempt is planned.
    opened.on('error', () => {});
    opened.on('close', () => {
      if (held !== undefined) orphansUntilMs = clock.monotonicMs() + ORPHANS_GONE_MS;
      cancelAnnounce();
      held = undefined;
      underWay = undefined;
      if (closed) return;
      cancelReconnect = clock.after(backoffMs(RECONNECT, failures++, random()), open);
    });
  };

  const receive = (message: FromProxy): void => {
    switch (message.type) {
      case 'hello':
        failures = 0;
        held = new Map(Object.entries(message.holds).map(([key, hash]) => [key, { hash }]));
        version = Math.max(version, message.version);
        refused = undefined;
        logger.info({ version: message.version }, 'connected to the proxy');
        break;
      case 'accepted':
        if (underWay?.version !== message.version) return;
        held = underWay.offer.items;
        for (const host of message.skipped ?? []) {
          logger.error({ code: 'SL0310', ...host }, 'virtual host refused');
          skipped.set(host.name, hashOf(underWay.offer, host.name) ?? '');
        }
        announce(underWay.offer);
        underWay = undefined;
        break;
      case 'refused':
        if (underWay?.version !== message.version) return;
        refused = signatureOf(underWay.offer);
        underWay = undefined;
        logger.error({ code: 'SL0310', version: message.version, reason: message.reason }, 'route table refused');
        break;
      default:
        message satisfies never;
    }
    advance();
  };

  const advance = (): void => {
    if (held === undefined || underWay !== undefined || offered === undefined) return;
    const changes = tableDifference(held, offered.items);
    // A proxy that has served nothing yet is told so, too: an empty table is one to be ready with.
    if (changes.length === 0 && version > 0) {
      announce(offered);
      return;
    }
    if (refused !== undefined && refused === signatureOf(offered)) return;
    version++;
    underWay = { offer: offered, version };
    for (const change of changes) send(change);
    send({ type: 'commit', version });
    logger.debug({ version, changes: changes.length }, 'route table sent');
  };

  /** Virtual hosts that the proxy does not serve as they were sent, with the hash that they had then. */
  const skipped = new Map<string, string>();
  const skippedOf = (offer: Offer<Extra>): ReadonlySet<string> =>
    new Set([...skipped].filter(([name, hash]) => hashOf(offer, name) === hash).map(([name]) => name));

  let announced: Offer<Extra> | undefined;
  let cancelAnnounce = (): void => {};
  const announce = (offer: Offer<Extra>, servedVersion = version): void => {
    cancelAnnounce();
    if (announced === offer) return;
    const waitMs = orphansUntilMs - clock.monotonicMs();
    if (0 < waitMs) {
      cancelAnnounce = clock.after(waitMs, () => announce(offer, servedVersion));
      return;
    }
    announced = offer;
    onServed(offer, servedVersion, skippedOf(offer));
  };

  const send = (message: ToProxy): void => {
    socket?.write(`${JSON.stringify(message)}\n`);
  };

  open();
  return {
    offer(offer) {
      offered = offer;
      advance();
    },
    close() {
      closed = true;
      cancelReconnect();
      cancelAnnounce();
      socket?.destroy();
    },
  };
}

function hashOf({ items }: Offer<unknown>, virtualHost: string): string | undefined {
  return items.get(holdingKey('virtualHost', virtualHost))?.hash;
}

function signatureOf({ items }: Offer<unknown>): string {
  return [...items.values()].map(({ hash }) => hash).join();
}

/** Cuts chunks into lines of JSON; what is no message ends the connection, since nothing after it can be trusted. */
function createLineReader(onMessage: (message: FromProxy) => void, onGarbage: () => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = parseMessage(line);
      if (message === undefined) {
        onGarbage();
        return;
      }
      onMessage(message);
    }
  };
}

function parseMessage(line: string): FromProxy | undefined {
  try {
    const message = JSON.parse(line) as (FromProxy & { holds?: unknown }) | null;
    if (typeof message?.type !== 'string' || !Number.isSafeInteger(message.version)) return undefined;
    if (message.type === 'hello' && (typeof message.holds !== 'object' || message.holds === null)) return undefined;
    return message;
  } catch {
    return undefined;
  }
}
