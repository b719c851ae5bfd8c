/** On which ports a stand-alone proxy listens, and for which ports of services or Gateways each of them stands. */

import type { ProxyCommand, ProxyPort } from '../cli/commands/proxy.ts';

const DEFAULT_PORT = 8080;

/**
 * As a gateway: every port that the Gateways ask for, unless `--port OTHER=THAT` moves it. Beside a caller: what `--port` says.
 *
 * @param gatewayPorts that the Gateways ask for
 */
export function listenersOf(
  { role, ports }: Pick<ProxyCommand, 'role' | 'ports'>,
  gatewayPorts: readonly number[],
): ProxyPort[] {
  if (role === 'sidecar') return ports.length === 0 ? [{ port: DEFAULT_PORT }] : [...ports];
  const chosen = ports.map(({ port, servicePort = port }) => ({ port, servicePort }));
  const moved = new Set(chosen.map(({ servicePort }) => servicePort));
  const asked = gatewayPorts.filter((port) => !moved.has(port)).map((port) => ({ port, servicePort: port }));
  const all = [...chosen, ...asked];
  // Nobody asks for a port yet: 404 there tells more than a refused connection.
  return all.length === 0 ? [{ port: DEFAULT_PORT, servicePort: DEFAULT_PORT }] : all;
}

/** Ports that the Gateways ask for and on which nobody listens, since they came after the start. */
export function unheardPorts(gatewayPorts: readonly number[], listeners: readonly ProxyPort[]): number[] {
  const heard = new Set(listeners.map(({ servicePort }) => servicePort));
  return gatewayPorts.filter((port) => !heard.has(port));
}
