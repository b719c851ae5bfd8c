/** Validation of one container: image, ports, environment, probes, resources, mounts. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import { duplicate, invalid, notFound, notSupported, required } from '../../schema/causes.ts';
import { type Fields, fieldsAt, isFields, listAt, textAt } from '../field-access.ts';
import { validateEnvironment } from './validate-environment.ts';
import { validateHandler, validateProbes } from './validate-probes.ts';
import { validateResources } from './validate-resources.ts';
import { portName, portNumber } from './value-faults.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];

/** @param context where the container stands, and the names of the pod's volumes */
export function validateContainer(
  container: Fields,
  context: { path: string; volumes: readonly string[] },
): StatusCause[] {
  const { path, volumes } = context;
  const { imagePullPolicy, terminationMessagePolicy } = container;
  return [
    ...(textAt(container, 'image') ? [] : [required(`${path}.image`)]),
    ...oneOf(terminationMessagePolicy, MESSAGE_POLICIES, `${path}.terminationMessagePolicy`),
    ...validatePorts(container, path),
    ...validateEnvironment(container, path),
    ...validateMounts(container, { path, volumes }),
    ...oneOf(imagePullPolicy, PULL_POLICIES, `${path}.imagePullPolicy`),
    ...validateResources(fieldsAt(container, 'resources'), `${path}.resources`),
    ...validateHooks(container, path),
    ...validateProbes(container, path),
  ];
}

function validatePorts(container: Fields, path: string): StatusCause[] {
  const names = new Set<unknown>();
  return listAt(container, 'ports').flatMap((port, index) => {
    const own = `${path}.ports[${index}]`;
    const causes: StatusCause[] = [];
    const name = textAt(port, 'name');
    if (name) {
      const faults = portName(name, `${own}.name`);
      causes.push(...faults);
      if (faults.length === 0 && names.has(name)) causes.push(duplicate(`${own}.name`, name));
      names.add(name);
    }
    if (!port.containerPort) causes.push(required(`${own}.containerPort`));
    else causes.push(...portNumber(port.containerPort, `${own}.containerPort`));
    if (port.hostPort) causes.push(...portNumber(port.hostPort, `${own}.hostPort`));
    return [...causes, ...oneOf(port.protocol, PROTOCOLS, `${own}.protocol`)];
  });
}

function validateMounts(
  container: Fields,
  { path, volumes }: { path: string; volumes: readonly string[] },
): StatusCause[] {
  const paths = new Set<unknown>();
  return listAt(container, 'volumeMounts').flatMap((mount, index) => {
    const own = `${path}.volumeMounts[${index}]`;
    const name = textAt(mount, 'name') ?? '';
    const causes: StatusCause[] = [];
    if (name === '') causes.push(required(`${own}.name`));
    else if (!volumes.includes(name)) causes.push(notFound(`${own}.name`, name));
    if (!mount.mountPath) causes.push(required(`${own}.mountPath`));
    if (paths.has(mount.mountPath)) causes.push(invalid(`${own}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    return causes;
  });
}

function validateHooks(container: Fields, path: string): StatusCause[] {
  return ['postStart', 'preStop'].flatMap((hook) => {
    const handler = fieldsAt(container, 'lifecycle')[hook];
    return isFields(handler) ? validateHandler(handler, `${path}.lifecycle.${hook}`) : [];
  });
}

function oneOf(value: unknown, allowed: readonly string[], field: string): StatusCause[] {
  return value === undefined || allowed.includes(String(value)) ? [] : [notSupported(field, value, allowed)];
}
