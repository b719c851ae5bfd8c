/** In which form the caller wants the answer: the first media type of Accept that we can write (RFC 9110 §12.5.1, by order). */

import { notAcceptable } from '../failure/api-failure.ts';

export type Representation = {
  form: 'object' | 'table' | 'metadata';
  format: 'json' | 'yaml';
};

const PLAIN: Representation = { form: 'object', format: 'json' };

/** @throws ApiFailure 406 when nothing of Accept can be written */
export function representationOf(accept: string | undefined): Representation {
  if (accept === undefined || accept.trim() === '') return PLAIN;
  for (const choice of accept.split(',')) {
    const representation = parseChoice(choice);
    if (representation !== undefined) return representation;
  }
  throw notAcceptable(['application/json', 'application/yaml']);
}

function parseChoice(choice: string): Representation | undefined {
  const [mediaType = '', ...parameters] = choice.split(';').map((part) => part.trim());
  const format = formatOf(mediaType.toLowerCase());
  if (format === undefined) return undefined;
  const given = new Map(parameters.map((parameter) => parameter.split('=', 2) as [string, string]));
  switch (given.get('as')) {
    case undefined:
      return { form: 'object', format };
    case 'Table':
      return given.get('g') === 'meta.k8s.io' && given.get('v') === 'v1' ? { form: 'table', format } : undefined;
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return given.get('g') === 'meta.k8s.io' && given.get('v') === 'v1' ? { form: 'metadata', format } : undefined;
    default:
      return undefined;
  }
}

function formatOf(mediaType: string): Representation['format'] | undefined {
  switch (mediaType) {
    case 'application/json':
    case 'application/*':
    case '*/*':
      return 'json';
    case 'application/yaml':
      return 'yaml';
    default:
      return undefined;
  }
}
