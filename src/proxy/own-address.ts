/** The address under which others see this machine: what copies for mirrors say in x-forwarded-for (envoy-facts: Mirror). */

import { networkInterfaces } from 'node:os';

/** The first IPv4 address that is not loopback; asked once. */
export const OWN_ADDRESS: string =
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
