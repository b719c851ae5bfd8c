/** Probes and lifecycle hooks of a container. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import { forbidden, invalid, notSupported, required } from '../../schema/causes.ts';
import { type Fields, isFields, listAt, textAt } from '../field-access.ts';
import { nonNegative, portNumber, portNumberOrName } from './value-faults.ts';

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'];
const NUMBERS = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];

export function validateProbes(container: Fields, path: string): StatusCause[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) => {
    const probe = container[name];
    return isFields(probe)
      ? validateProbe(probe, { path: `${path}.${name}`, succeedsOnce: name !== 'readinessProbe' })
      : [];
  });
}

function validateProbe(probe: Fields, { path, succeedsOnce }: { path: string; succeedsOnce: boolean }): StatusCause[] {
  const causes = validateHandler(probe, path);
  for (const name of NUMBERS) causes.push(...nonNegative(probe[name], `${path}.${name}`));
  // A container is restarted after failures; one success is all that liveness can mean.
  if (succeedsOnce && typeof probe.successThreshold === 'number' && probe.successThreshold !== 1) {
    causes.push(invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1'));
  }
  return causes;
}

/** Exactly one way to ask, and that one well-formed. */
export function validateHandler(handler: Fields, path: string): StatusCause[] {
  const [first, ...others] = HANDLERS.filter((name) => isFields(handler[name]));
  if (first === undefined) return [required(path, 'must specify a handler type')];
  const causes = validateOne(handler[first] as Fields, { kind: first, path: `${path}.${first}` });
  return [...causes, ...others.map((name) => forbidden(`${path}.${name}`, 'may not specify more than 1 handler type'))];
}

function validateOne(action: Fields, { kind, path }: { kind: string; path: string }): StatusCause[] {
  if (kind === 'exec') {
    const command = action.command;
    return Array.isArray(command) && command.length > 0 ? [] : [required(`${path}.command`)];
  }
  if (kind === 'grpc') return portNumber(action.port, `${path}.port`);
  if (kind === 'tcpSocket') return portNumberOrName(action.port ?? 0, `${path}.port`);
  if (kind !== 'httpGet') return [];
  const causes: StatusCause[] = [];
  if (!textAt(action, 'path')) causes.push(required(`${path}.path`));
  causes.push(...portNumberOrName(action.port ?? 0, `${path}.port`));
  if (!['HTTP', 'HTTPS'].includes(String(action.scheme))) {
    causes.push(notSupported(`${path}.scheme`, action.scheme, ['HTTP', 'HTTPS']));
  }
  for (const { name } of listAt(action, 'httpHeaders')) {
    if (!/^[-A-Za-z0-9]+$/.test(String(name ?? ''))) {
      causes.push(
        invalid(
          `${path}.httpHeaders`,
          name,
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ),
      );
    }
  }
  return causes;
}
