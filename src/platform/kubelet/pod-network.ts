/**
 * Addresses of a network that does not exist, one per pod and never dialled, because API servers refuse endpoints on the loopback
 * interface; and the real ports on the loopback interface, outside the range from which the kernel gives ports to connections.
 */

import { createServer } from 'node:net';
import type { Container, ListenPorts } from './pod.ts';

export type PodNetwork = {
  /** An address of 10.244.0.0/16 that no pod has. */
  takeAddress(): string;
  keepAddress(address: string): void;
  freeAddress(address: string): void;
  /** A free port for every container port; ports of `wanted` are kept when they are still free. */
  takePorts(container: Container, wanted?: ListenPorts): Promise<ListenPorts>;
  keepPorts(listen: ListenPorts): void;
  freePorts(listen: ListenPorts): void;
};

const ADDRESSES = 2 ** 16;
/** 0 is the network, 1 the node, the last one the broadcast address. */
const FIRST_ADDRESS = 2;
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;

export function createPodNetwork(random: () => number): PodNetwork {
  const addresses = new Set<string>();
  const ports = new Set<number>();
  let nextAddress = FIRST_ADDRESS;
  let nextPort = PORT_MIN + Math.floor(random() * (PORT_MAX - PORT_MIN));

  const takePort = async (): Promise<number> => {
    for (let tries = PORT_MIN; tries < PORT_MAX; tries++) {
      const port = nextPort;
      nextPort = nextPort + 1 < PORT_MAX ? nextPort + 1 : PORT_MIN;
      if (ports.has(port)) continue;
      ports.add(port);
      if (await isFree(port)) return port;
      ports.delete(port);
    }
    throw new RangeError(`No port between ${PORT_MIN} and ${PORT_MAX} is free`);
  };

  return {
    takeAddress() {
      for (let tries = FIRST_ADDRESS; tries < ADDRESSES; tries++) {
        const address = `10.244.${nextAddress >> 8}.${nextAddress & 255}`;
        nextAddress = nextAddress + 1 < ADDRESSES - 1 ? nextAddress + 1 : FIRST_ADDRESS;
        if (addresses.has(address)) continue;
        addresses.add(address);
        return address;
      }
      throw new RangeError('Every address of 10.244.0.0/16 is taken');
    },
    keepAddress: (address) => addresses.add(address),
    freeAddress: (address) => addresses.delete(address),
    async takePorts({ ports: declared = [] }, wanted = {}) {
      const listen: Record<string, number> = {};
      for (const { containerPort } of declared) {
        const kept = wanted[String(containerPort)];
        if (kept !== undefined && (await isFree(kept))) {
          ports.add(kept);
          listen[String(containerPort)] = kept;
          continue;
        }
        if (kept !== undefined) ports.delete(kept);
        listen[String(containerPort)] = await takePort();
      }
      return listen;
    },
    keepPorts(listen) {
      for (const port of Object.values(listen)) ports.add(port);
    },
    freePorts(listen) {
      for (const port of Object.values(listen)) ports.delete(port);
    },
  };
}

/** Asked with a plain bind of the interface that pods are told to listen on. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
