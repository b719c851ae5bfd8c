/**
 * What a stand-alone proxy is told when it starts and not again: by its command line first, then by the mesh settings. Whoever
 * changes one of these while it runs is told that nothing came of it.
 */

import type { ProxyCommand } from '../cli/commands/proxy.ts';
import { meshTelemetry } from '../mesh/compile/mesh-telemetry.ts';
import { requestReading } from '../mesh/compile/request-reading.ts';
import type { MeshSettings } from '../mesh/schema/mesh-config.ts';

type Told = Pick<ProxyCommand, 'accessLog' | 'accessLogFormat' | 'tracing'>;

export function startSettings(command: Told, mesh: MeshSettings) {
  const { accessLog, tracing } = meshTelemetry(mesh);
  return {
    accessLog: command.accessLog ?? accessLog?.to ?? 'off',
    accessLogFormat: command.accessLogFormat ?? accessLog?.format ?? 'json',
    tracing: command.tracing ?? tracing,
    reading: requestReading(mesh),
  };
}

/** @param began with which the proxy was started @returns a function to call with the settings whenever they are read */
export function createMeshNotice(command: Told, began: MeshSettings, write: (line: string) => void) {
  const before = byField(command, began);
  let told = '';
  return (mesh: MeshSettings): void => {
    const changed = Object.entries(byField(command, mesh))
      .filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field]))
      .map(([field]) => field)
      .join(', ');
    if (changed !== '' && changed !== told) {
      write(`warning SL0309: what the mesh settings say about ${changed} has changed: start again to have it in force`);
    }
    told = changed;
  };
}

/** The settings by the words of MeshConfig. */
function byField(command: Told, mesh: MeshSettings): Record<string, unknown> {
  const { accessLog, accessLogFormat, tracing, reading } = startSettings(command, mesh);
  const { paths, ...topology } = reading;
  return {
    accessLogFile: accessLog,
    'accessLogEncoding and accessLogFormat': accessLogFormat,
    tracing,
    pathNormalization: paths,
    gatewayTopology: topology,
  };
}
