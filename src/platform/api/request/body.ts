/** Reads the body of a request, within bounds, and decodes it by its media type. */

import type { IncomingMessage } from 'node:http';
import { parse as parseYaml } from 'yaml';
import { messageOf } from '../../../lib/errors.ts';
import { ApiFailure, badRequest, tooLarge, unsupportedMediaType } from '../failure/api-failure.ts';
import { decodeKubernetesProtobuf } from '../wire/protobuf-body.ts';

/** As kube-apiserver: 3 MiB. */
export const BODY_BYTES_MAX = 3 * 1024 * 1024;

const OBJECT_MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'] as const;

/** @throws ApiFailure 413 beyond `BODY_BYTES_MAX` */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw tooLarge(BODY_BYTES_MAX);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The media type without its parameters, in lower case. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/**
 * The fields of a body that carries an object or options.
 *
 * @throws ApiFailure 415 for a media type that is not understood, 400 for a body that does not parse
 */
export function decodeObject(
  body: Buffer,
  contentType: string | undefined,
  expected = 'Object',
): Record<string, unknown> {
  const mediaType = mediaTypeOf(contentType);
  switch (mediaType) {
    case '':
    case 'application/json':
      return asFields(parseJson(body.toString('utf8'), expected), expected);
    case 'application/yaml':
      return asFields(parseYamlText(body.toString('utf8')));
    case 'application/vnd.kubernetes.protobuf':
      return asFields(decodeProtobuf(body));
    default:
      throw unsupportedMediaType(OBJECT_MEDIA_TYPES);
  }
}

/** @throws ApiFailure 400 */
export function parseJson(text: string, expected = 'Object'): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${expected}): couldn't get version/kind; json parse error: ${messageOf(thrown)}`,
    );
  }
}

/** YAML is a superset of JSON, so that patches for server-side apply may be either. @throws ApiFailure 400 */
export function parseYamlText(text: string): unknown {
  try {
    return parseYaml(text, { maxAliasCount: 100 });
  } catch (thrown) {
    throw badRequest(`error converting YAML to JSON: ${messageOf(thrown).split('\n', 1)[0]}`);
  }
}

function decodeProtobuf(body: Buffer): unknown {
  try {
    return decodeKubernetesProtobuf(body);
  } catch (thrown) {
    if (thrown instanceof ApiFailure) throw thrown;
    throw badRequest(`the protobuf body cannot be read: ${messageOf(thrown)}`);
  }
}

/** @throws ApiFailure 400 unless `value` is an object */
export function asFields(value: unknown, expected = 'Object'): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw badRequest(`the object provided is unrecognized (must be of type ${expected}): it is not an object`);
}
