/** Who waits for a connection of an endpoint and who has it, event by event, over links that connect when the test says so. */

import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Cluster, ClusterLimits } from '../../../src/mesh/table/route-table.ts';
import { DEFAULT_LIMITS } from '../../../src/proxy/data-path.ts';
import { ResponseHead } from '../../../src/proxy/h1/response-head.ts';
import { Outbox } from '../../../src/proxy/outbox.ts';
import type { Link, LinkEvents } from '../../../src/proxy/transport/link.ts';
import { ClusterLoad } from '../../../src/proxy/upstream/cluster-load.ts';
import { EndpointPool } from '../../../src/proxy/upstream/endpoint-pool.ts';
import type { UpstreamConnection, UpstreamContext } from '../../../src/proxy/upstream/upstream-connection.ts';
import type { UpstreamUser } from '../../../src/proxy/upstream/upstream-user.ts';
import { clusterItem } from '../../support/sample-table.ts';

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');

class Asking implements UpstreamUser {
  readonly isHead = false;
  readonly wantsTunnel = false;
  connection: UpstreamConnection | undefined;
  ending = '';
  onReady(connection: UpstreamConnection): void {
    this.connection = connection;
    connection.requestDone();
  }
  onConnectFailed(timedOut: boolean): void {
    this.ending = timedOut ? 'timed out' : 'failed';
  }
  onOverflow(): void {
    this.ending = 'overflow';
  }
  onComplete(): void {
    this.ending = 'answered';
  }
  onBroken(): void {
    this.ending = 'broken';
  }
  onInterim(): void {}
  onHead(): void {}
  onBody(): void {}
  onReadDone(): void {}
  onDrain(): void {}
}

describe('the pool of an endpoint', () => {
  let links: LinkEvents[];
  let load: ClusterLoad;
  let pool: EndpointPool;
  let context: UpstreamContext;

  let site: { host: string; port: number; listed: boolean };

  const begin = (limits: ClusterLimits = {}) => {
    links = [];
    site = { host: '127.0.0.1', port: 1, listed: true };
    load = new ClusterLoad({ ...(clusterItem('web').value as Cluster), limits });
    pool = new EndpointPool(site, load);
    const link: Link = {
      remoteAddress: '',
      ends: () => ({ remote: '-', local: '-' }),
      send: () => true,
      pause() {},
      resume() {},
      end() {},
      destroy() {},
    };
    context = {
      transport: {
        name: 'documented',
        accept: () => link,
        connect: (_, events) => {
          links.push(events);
          return link;
        },
      },
      outbox: new Outbox(),
      head: new ResponseHead(DEFAULT_LIMITS),
      nowMs: () => 0,
      after: () => () => {},
      idleMs: 1_000,
    };
  };
  beforeEach(() => begin());

  const ask = (): Asking => {
    const asking = new Asking();
    const got = pool.acquire(asking, context);
    if (got === 'overflow') asking.onOverflow();
    else if (got !== 'waiting') asking.onReady(got);
    return asking;
  };
  const connect = (index: number) => links[index]?.onConnect?.();
  const answer = (index: number) => links[index]?.onBytes(ANSWER, ANSWER.length);
  const counts = () => [load.connections, load.waiting, load.requests];

  test('counts a request as waiting while its connection is being made', () => {
    begin({ pending: 1 });
    const [first, second] = [ask(), ask()];
    expect([first.ending, second.ending]).toEqual(['', 'overflow']);
    connect(0);
    expect(counts()).toEqual([1, 0, 1]);
    expect(ask().ending).toBe('');
  });

  test('serves who waits longest, whichever connection is there first', () => {
    const [first, second] = [ask(), ask()];
    connect(1);
    expect([first.connection, second.connection].map((got) => got !== undefined)).toEqual([true, false]);
    answer(1);
    expect([first.ending, second.connection]).toEqual(['answered', first.connection]);
  });

  test('keeps a connection that nobody waits for any more', () => {
    const [first, second] = [ask(), ask()];
    pool.cancel(first);
    pool.cancel(second);
    expect(counts()).toEqual([2, 0, 0]);
    connect(0);
    expect(pool.idleCount).toBe(1);
    expect(ask().connection).toBeDefined();
    expect(links).toHaveLength(2);
  });

  test('fails one request for one connection that cannot be made', () => {
    const [first, second] = [ask(), ask()];
    links[0]?.onClose();
    expect([first.ending, second.ending]).toEqual(['failed', '']);
    links[1]?.onClose();
    expect(second.ending).toBe('failed');
    expect(counts()).toEqual([0, 0, 0]);
  });

  test('fails all who wait when there is no other connection to wait for', () => {
    begin({ connections: 1 });
    const asked = [ask(), ask(), ask()];
    links[0]?.onClose();
    expect(asked.map(({ ending }) => ending)).toEqual(['failed', 'failed', 'failed']);
    expect(links).toHaveLength(1);
  });

  test('opens another connection when one ends and somebody waits', () => {
    begin({ connections: 1 });
    const [first, second] = [ask(), ask()];
    connect(0);
    links[0]?.onClose();
    expect(first.ending).toBe('broken');
    connect(1);
    answer(1);
    expect(second.ending).toBe('answered');
  });

  test('turns away who has waited when there are too many requests', () => {
    begin({ requests: 1 });
    const [first, second] = [ask(), ask()];
    connect(0);
    connect(1);
    expect([first.ending, second.ending]).toEqual(['', 'overflow']);
    expect(pool.idleCount).toBe(1);
  });

  test('makes room for a new connection when an idle one was stale', () => {
    begin({ connections: 1 });
    ask();
    connect(0);
    answer(0);
    const asking = new Asking();
    expect(pool.acquireFresh(asking, context)).toBe('waiting');
    expect(links).toHaveLength(2);
    expect(counts()).toEqual([1, 1, 0]);
  });

  test('keeps no connection of an endpoint that has left the table', () => {
    const [first, second] = [ask(), ask()];
    connect(0);
    pool.cancel(second);
    site.listed = false;
    connect(1);
    answer(0);
    expect(first.ending).toBe('answered');
    expect([pool.idleCount, ...counts()]).toEqual([0, 0, 0, 0]);
  });

  test('never exceeds a limit, forgets nobody, and counts to nothing in the end, whatever happens', () => {
    const step = fc.tuple(fc.constantFrom('ask', 'connect', 'answer', 'close', 'cancel'), fc.nat(20));
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.nat(3),
        fc.nat(3),
        fc.nat(3),
        (steps, most, pending, requests) => {
          begin({
            ...(most > 0 && { connections: most }),
            ...(pending > 0 && { pending }),
            ...(requests > 0 && { requests }),
          });
          const asked: Asking[] = [];
          const open = new Set<number>();
          const gone = new Set<number>();
          const opened = (index: number) => index < links.length && !gone.has(index);
          const act = (kind: string, index: number): void => {
            if (kind === 'ask') asked.push(ask());
            if (kind === 'cancel' && asked[index] !== undefined) {
              const asking = asked[index];
              if (asking.ending === '' && asking.connection === undefined) asking.ending = 'left';
              pool.cancel(asking);
            }
            if (!opened(index)) return;
            if (kind === 'connect' && !open.has(index)) {
              open.add(index);
              connect(index);
            }
            if (kind === 'answer' && open.has(index)) answer(index);
            if (kind === 'close') {
              gone.add(index);
              links[index]?.onClose();
            }
          };
          for (const [kind, index] of steps) {
            act(kind, index);
            expect(load.connections).toBeLessThanOrEqual(most > 0 ? most : Number.POSITIVE_INFINITY);
            expect(load.waiting).toBeLessThanOrEqual(pending > 0 ? pending : Number.POSITIVE_INFINITY);
            expect(load.requests).toBeLessThanOrEqual(requests > 0 ? requests : Number.POSITIVE_INFINITY);
            expect(Math.min(...counts())).toBeGreaterThanOrEqual(0);
          }
          for (let index = 0; index < links.length; index++) {
            act('connect', index);
            act('answer', index);
            act('answer', index);
            act('close', index);
          }
          expect(asked.filter(({ ending }) => ending === '')).toEqual([]);
          expect(counts()).toEqual([0, 0, 0]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
