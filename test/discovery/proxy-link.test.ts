import { afterEach, describe, expect, test } from 'vitest';
import { createProxyLink, type ProxyLink } from '../../src/discovery/proxy-link.ts';
import { type TableItems, tableItems } from '../../src/discovery/table-items.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { type Holdings, ORPHANS_SERVE_MS } from '../../src/mesh/table/handover.ts';
import type { VirtualHost } from '../../src/mesh/table/route-table.ts';
import { type ScriptedProxy, scriptedProxy } from './scripted-proxy.ts';

const host = (name: string, domain = name): VirtualHost => ({ name, domains: [domain], routes: [] });
const itemsOf = (...hosts: VirtualHost[]): TableItems =>
  tableItems({ clusters: {}, endpoints: {}, virtualHosts: Object.fromEntries(hosts.map((each) => [each.name, each])) });

const holdingsOf = (items: TableItems): Holdings =>
  Object.fromEntries([...items].map(([key, { hash }]) => [key, hash]));

let proxy: ScriptedProxy;
let link: ProxyLink<string>;
afterEach(async () => {
  link.close();
  await proxy.close();
});

/** Nobody waits for the workers of before, save where that is what a test is about. */
function impatientClock(): Clock {
  let skippedMs = 0;
  return {
    ...systemClock,
    monotonicMs: () => systemClock.monotonicMs() + skippedMs,
    after(delayMs, callback) {
      if (delayMs < ORPHANS_SERVE_MS) return systemClock.after(delayMs, callback);
      skippedMs += delayMs;
      return systemClock.after(0, callback);
    },
  };
}

async function start(hello?: ScriptedProxy['hello'], clock: Clock = impatientClock()) {
  proxy = await scriptedProxy();
  if (hello !== undefined) proxy.hello = hello;
  const served: string[] = [];
  const waiters = new Map<string, () => void>();
  link = createProxyLink<string>({
    socketPath: proxy.socketPath,
    clock,
    random: () => 0,
    logger: silentLogger,
    onServed({ extra }, version, skipped) {
      served.push([`${extra} as ${version}`, ...skipped].join(' without '));
      waiters.get(extra)?.();
    },
  });
  const whenServed = (extra: string) =>
    served.some((entry) => entry.startsWith(`${extra} as`))
      ? Promise.resolve()
      : new Promise<void>((resolve) => waiters.set(extra, resolve));
  return { served, whenServed };
}

describe('a table on offer', () => {
  test('travels whole to an empty proxy, and then only what changed', async () => {
    const { served, whenServed } = await start();
    link.offer({ items: itemsOf(host('a'), host('b')), extra: 'first' });
    const first = await proxy.nextCommit();
    expect(first).toMatchObject({ version: 1, removes: [], puts: [{ name: 'a' }, { name: 'b' }] });
    proxy.answer({ type: 'accepted', version: 1 });
    await whenServed('first');
    link.offer({ items: itemsOf(host('a', 'other')), extra: 'second' });
    expect(await proxy.nextCommit()).toMatchObject({ version: 2, removes: ['virtualHost/b'], puts: [{ name: 'a' }] });
    proxy.answer({ type: 'accepted', version: 2 });
    await whenServed('second');
    expect(served).toEqual(['first as 1', 'second as 2']);
  });

  test('is served without the hosts that the proxy skipped, until they change', async () => {
    const { served, whenServed } = await start();
    link.offer({ items: itemsOf(host('a'), host('b')), extra: 'first' });
    await proxy.nextCommit();
    proxy.answer({ type: 'accepted', version: 1, skipped: [{ name: 'a', reason: 'too clever' }] });
    await whenServed('first');
    link.offer({ items: itemsOf(host('a'), host('b')), extra: 'again' });
    await whenServed('again');
    link.offer({ items: itemsOf(host('a', 'simple'), host('b')), extra: 'mended' });
    await proxy.nextCommit();
    proxy.answer({ type: 'accepted', version: 2 });
    await whenServed('mended');
    expect(served).toEqual(['first as 1 without a', 'again as 1 without a', 'mended as 2']);
  });

  test('that the proxy already holds is served without being sent', async () => {
    const items = itemsOf(host('a'));
    const { served, whenServed } = await start({ version: 7, holds: holdingsOf(items) });
    link.offer({ items, extra: 'same' });
    await whenServed('same');
    expect(served).toEqual(['same as 7']);
  });

  test('continues from the version of the proxy', async () => {
    await start({ version: 41, holds: { 'cluster/gone': 'x' } });
    link.offer({ items: itemsOf(host('a')), extra: '' });
    expect(await proxy.nextCommit()).toMatchObject({ version: 42, removes: ['cluster/gone'] });
  });

  test('waits while another version is under way, and only the last one follows', async () => {
    const { served, whenServed } = await start();
    link.offer({ items: itemsOf(host('a')), extra: 'one' });
    const first = await proxy.nextCommit();
    link.offer({ items: itemsOf(host('b')), extra: 'two' });
    link.offer({ items: itemsOf(host('c')), extra: 'three' });
    proxy.answer({ type: 'accepted', version: first.version });
    const second = await proxy.nextCommit();
    expect(second).toMatchObject({ puts: [{ name: 'c' }], removes: ['virtualHost/a'] });
    proxy.answer({ type: 'accepted', version: second.version });
    await whenServed('three');
    expect(served).toEqual(['one as 1', 'three as 2']);
  });

  test('that was refused is sent again only when it changes', async () => {
    const { served, whenServed } = await start();
    link.offer({ items: itemsOf(host('bad')), extra: 'bad' });
    const refused = await proxy.nextCommit();
    proxy.answer({ type: 'refused', version: refused.version, reason: 'no' });
    link.offer({ items: itemsOf(host('bad')), extra: 'bad again' });
    link.offer({ items: itemsOf(host('good')), extra: 'good' });
    const next = await proxy.nextCommit();
    // Nothing of the refused version was kept, so nothing has to be removed.
    expect(next).toMatchObject({ puts: [{ name: 'good' }], removes: [] });
    proxy.answer({ type: 'accepted', version: next.version });
    await whenServed('good');
    expect(served).toEqual([`good as ${next.version}`]);
  });

  test('is sent again after a cut in the middle, against what the proxy then holds', async () => {
    const { whenServed } = await start();
    link.offer({ items: itemsOf(host('a'), host('b')), extra: 'table' });
    const first = await proxy.nextCommit();
    proxy.hello = { version: first.version, holds: holdingsOf(itemsOf(host('a'))) };
    proxy.cut();
    const again = await proxy.nextCommit();
    expect(again).toMatchObject({ version: first.version + 1, puts: [{ name: 'b' }], removes: [] });
    proxy.answer({ type: 'accepted', version: again.version });
    await whenServed('table');
  });

  test('that is accepted after a cut counts as served when the workers of before are gone', async () => {
    let now = 0;
    const late = new Set<() => void>();
    const clock: Clock = {
      ...systemClock,
      monotonicMs: () => now,
      after(delayMs, callback) {
        if (delayMs < ORPHANS_SERVE_MS) return systemClock.after(delayMs, callback);
        late.add(callback);
        return () => late.delete(callback);
      },
    };
    const { served, whenServed } = await start(undefined, clock);
    link.offer({ items: itemsOf(host('a')), extra: 'before' });
    const first = await proxy.nextCommit();
    proxy.answer({ type: 'accepted', version: first.version });
    await whenServed('before');
    proxy.hello = { version: first.version, holds: holdingsOf(itemsOf(host('a'))) };
    proxy.cut();
    link.offer({ items: itemsOf(host('a'), host('b')), extra: 'after' });
    const second = await proxy.nextCommit();
    proxy.answer({ type: 'accepted', version: second.version });
    // The next version is sent when the answer to this one has been read.
    link.offer({ items: itemsOf(host('b')), extra: 'later' });
    const third = await proxy.nextCommit();
    expect(served).toEqual(['before as 1']);
    proxy.answer({ type: 'accepted', version: third.version });
    link.offer({ items: itemsOf(host('c')), extra: 'last' });
    await proxy.nextCommit();
    now += ORPHANS_SERVE_MS + 1_000;
    for (const callback of [...late]) callback();
    expect(served).toEqual(['before as 1', `later as ${third.version}`]);
  });

  test.each(['{', 'null', '{"type":"hello","version":1}', '{"type":"accepted"}'])(
    'survives a proxy that says %s, by connecting again',
    async (garbage) => {
      const { whenServed } = await start();
      link.offer({ items: itemsOf(host('a')), extra: 'a' });
      await proxy.nextCommit();
      proxy.say(garbage);
      const { version } = await proxy.nextCommit();
      proxy.answer({ type: 'accepted', version });
      await whenServed('a');
    },
  );

  test('an answer to a version that is not under way changes nothing', async () => {
    const { served, whenServed } = await start();
    link.offer({ items: itemsOf(host('a')), extra: 'a' });
    const { version } = await proxy.nextCommit();
    proxy.answer({ type: 'accepted', version: version + 5 });
    proxy.answer({ type: 'accepted', version });
    await whenServed('a');
    expect(served).toEqual(['a as 1']);
  });
});
