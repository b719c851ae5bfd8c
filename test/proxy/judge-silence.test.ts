import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/proxy/data-path.ts';
import { type ConnectionStanding, type Judgement, judgeSilence, reasonOf } from '../../src/proxy/judge-silence.ts';

const limits = {
  ...DEFAULT_LIMITS,
  headTimeoutMs: 100,
  idleTimeoutMs: 1_000,
  lingerMs: 50,
  stallTimeoutMs: 500,
  bodySilenceMs: 5_000,
};
const slow = { ...limits, bodyGraceMs: 100, bodyBytesPerSecond: 1_000 };

const standing = (changes: Partial<ConnectionStanding>): ConnectionStanding => ({
  state: 'idle',
  draining: false,
  lastedMs: 0,
  bytesRead: 0,
  waitsForUs: false,
  stalledMs: 0,
  silentMs: 0,
  knowsLength: true,
  isTrusted: false,
  ...changes,
});

test.each<[string, Partial<ConnectionStanding>, Judgement]>([
  ['an idle connection within its time', { lastedMs: 1_000 }, 'keep'],
  ['an idle connection past its time', { lastedMs: 1_001 }, 'close'],
  ['an idle connection while draining', { draining: true, lastedMs: 51 }, 'close'],
  ['a head within its time', { state: 'head', lastedMs: 100 }, 'keep'],
  ['a head past its time', { state: 'head', lastedMs: 101 }, 'refuse'],
  ['a body within its grace', { state: 'body', lastedMs: 100 }, 'keep'],
  ['a body below its rate', { state: 'body', lastedMs: 200, bytesRead: 199 }, 'refuse'],
  ['a body at its rate', { state: 'body', lastedMs: 200, bytesRead: 200 }, 'keep'],
  ['a body that we do not take', { state: 'body', lastedMs: 10_000, waitsForUs: true }, 'keep'],
  [
    "a body below its rate at a caller's side",
    { state: 'body', lastedMs: 200, bytesRead: 199, isTrusted: true },
    'keep',
  ],
  ['a body in chunks below the rate', { state: 'body', lastedMs: 200, knowsLength: false }, 'keep'],
  ['a body in chunks that is silent within its time', { state: 'body', silentMs: 5_000, knowsLength: false }, 'keep'],
  ['a body in chunks that is silent past its time', { state: 'body', silentMs: 5_001, knowsLength: false }, 'refuse'],
  ["a silent body at a caller's side", { state: 'body', silentMs: 5_001, knowsLength: false, isTrusted: true }, 'keep'],
  ['a long answer', { state: 'answer', lastedMs: 100_000 }, 'keep'],
  ['a tunnel that is silent', { state: 'tunnel', lastedMs: 100_000 }, 'keep'],
  ['an answer that is being taken', { state: 'answer', stalledMs: 500 }, 'keep'],
  ['an answer that nobody takes', { state: 'answer', stalledMs: 501 }, 'destroy'],
  ['a last answer past its linger', { state: 'closing', lastedMs: 51 }, 'destroy'],
])('%s', (_name, changes, expected) => {
  expect(judgeSilence(standing(changes), slow)).toBe(expected);
});

test.each<[Partial<ConnectionStanding>, 'close' | 'destroy', string]>([
  [{ lastedMs: 1_001 }, 'close', 'idle'],
  [{ state: 'answer', stalledMs: 501 }, 'destroy', 'not_taken'],
  [{ state: 'closing', lastedMs: 51 }, 'destroy', 'lingers'],
])('%o is told as %s for %s', (changes, judgement, reason) => {
  expect(reasonOf(standing(changes), judgement)).toBe(reason);
});
