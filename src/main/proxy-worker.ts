/** One worker of the proxy. Its parent talks to it over Node's channel; signals to the process group are the parent's business. */

import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../lib/clock.ts';
import { runWorker } from '../proxy/run-worker.ts';
import type { ToWorker } from '../proxy/worker-messages.ts';

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

runWorker({
  channel: {
    // A message to a parent that is gone is lost, and so should it be.
    send: (message) => void (process.connected && process.send?.(message, () => {})),
    onMessage: (listener) =>
      void process.on('message', (message, socket) => listener(message as ToWorker, socket as object | undefined)),
    onDisconnect: (listener) => void process.on('disconnect', listener),
  },
  clock: systemClock,
  random: Math.random,
  breathe: () => setImmediate(),
  collectYoung: () => void globalThis.gc?.({ type: 'minor' }),
  exit: (code) => process.exit(code),
  transport: process.env.SLUICE_PROXY_TRANSPORT === 'documented' ? 'documented' : undefined,
});
