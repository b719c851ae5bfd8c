/** The volumes of a pod: named once, with one source each, referring to something. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import { duplicate, forbidden, invalid, required } from '../../schema/causes.ts';
import { labelFaults } from '../../schema/names.ts';
import { type Fields, isFields, listAt, textAt } from '../field-access.ts';

export function validateVolumes(spec: Fields, path: string): StatusCause[] {
  const seen = new Set<string>();
  return listAt(spec, 'volumes').flatMap((volume, index) => {
    const own = `${path}.volumes[${index}]`;
    const name = textAt(volume, 'name') ?? '';
    const repeated = seen.has(name);
    seen.add(name);
    return [
      ...validateSource(volume, own),
      ...(name === ''
        ? [required(`${own}.name`)]
        : labelFaults(name).map((fault) => invalid(`${own}.name`, name, fault))),
      ...(repeated && name !== '' ? [duplicate(`${own}.name`, name)] : []),
    ];
  });
}

/** In the order in which the real server looks at sources. */
const SOURCES = ['emptyDir', 'hostPath', 'secret', 'persistentVolumeClaim', 'configMap', 'downwardAPI', 'projected'];

function validateSource(volume: Fields, path: string): StatusCause[] {
  const [first, ...others] = SOURCES.filter((name) => isFields(volume[name]));
  const causes = others.map((name) => forbidden(`${path}.${name}`, 'may not specify more than 1 volume type'));
  if (first === 'configMap' && !textAt(volume, 'configMap', 'name')) causes.push(required(`${path}.configMap.name`));
  if (first === 'secret' && !textAt(volume, 'secret', 'secretName')) causes.push(required(`${path}.secret.secretName`));
  return causes;
}
