import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { chooseTransport } from '../../../src/proxy/transport/choose-transport.ts';
import { createDocumentedTransport } from '../../../src/proxy/transport/documented-transport.ts';
import type { Link, LinkEvents, Transport } from '../../../src/proxy/transport/link.ts';
import { selfTest } from '../../../src/proxy/transport/self-test.ts';

test('this Node has a fast transport that passes', async () => {
  const { transport, fallbackReason } = await chooseTransport(systemClock);
  expect(fallbackReason).toBeUndefined();
  expect(transport.name).toBe('fast');
});

test('the documented transport passes', async () => {
  await expect(selfTest(createDocumentedTransport(), systemClock)).resolves.toBeUndefined();
});

/** How a transport may be wrong, by the trial that finds it, counted from 1. */
const wrong: Record<string, { trial: number; failure: RegExp; breaks: (link: Link) => Partial<Link> }> = {
  'sends nothing': { trial: 1, failure: /do not arrive/, breaks: () => ({ send: () => true }) },
  'loses a byte': {
    trial: 1,
    failure: /do not arrive/,
    breaks: (link) => ({ send: (bytes) => link.send(bytes.subarray(0, Math.max(1, bytes.length - 1))) }),
  },
  'sends twice': {
    trial: 1,
    failure: /do not arrive/,
    breaks: (link) => ({ send: (bytes) => link.send(bytes) && link.send(bytes) }),
  },
  'changes bytes': {
    trial: 1,
    failure: /do not arrive/,
    breaks: (link) => ({ send: (bytes) => link.send(Buffer.alloc(bytes.length, 8)) }),
  },
  'never asks to wait': {
    trial: 1,
    failure: /do not arrive/,
    breaks: (link) => ({ send: (bytes) => link.send(bytes) || true }),
  },
  'always asks to wait': {
    trial: 1,
    failure: /do not arrive/,
    breaks: (link) => ({ send: (bytes) => link.send(bytes) && false }),
  },
};

test.each(Object.entries(wrong))('a transport that %s fails', async (_, { trial, failure, breaks }) => {
  await expect(selfTest(wrapped(breaks), clockOf(trial))).rejects.toThrow(failure);
});

const deaf: Record<string, { trial: number; failure: RegExp; ignores: keyof LinkEvents }> = {
  'that waiting is over': { trial: 1, failure: /do not arrive/, ignores: 'onDrain' },
  'that a write failed': { trial: 2, failure: /a peer that is gone/, ignores: 'onClose' },
};

test.each(Object.entries(deaf))('a transport that does not tell %s fails', async (_, { trial, failure, ignores }) => {
  await expect(selfTest(silent(ignores), clockOf(trial))).rejects.toThrow(failure);
});

test('a transport that does not tell that a write failed halfway fails', async () => {
  let accepted = 0;
  const transport = createDocumentedTransport();
  const half: Transport = {
    ...transport,
    accept: (socket, events) => transport.accept(socket, ++accepted === 3 ? { ...events, onClose() {} } : events),
  };
  await expect(selfTest(half, clockOf(3))).rejects.toThrow(/halfway/);
});

function wrapped(breaks: (link: Link) => Partial<Link>): Transport {
  const transport = createDocumentedTransport();
  const wrap = (link: Link): Link => ({
    ...{ remoteAddress: link.remoteAddress, ends: () => link.ends(), send: (bytes) => link.send(bytes) },
    ...{ pause: () => link.pause(), resume: () => link.resume(), end: () => link.end(), destroy: () => link.destroy() },
    ...breaks(link),
  });
  return { ...transport, accept: (socket, events) => wrap(transport.accept(socket, events)) };
}

function silent(event: keyof LinkEvents): Transport {
  const transport = createDocumentedTransport();
  return { ...transport, accept: (socket, events) => transport.accept(socket, { ...events, [event]: () => {} }) };
}

/** Loses patience in that trial only: those before may take as long as they need. */
function clockOf(trial: number): Clock {
  let trials = 0;
  return { ...systemClock, after: (_, callback) => (++trials === trial ? systemClock.after(200, callback) : () => {}) };
}
