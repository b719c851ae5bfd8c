/**
 * Every refusal of the API server is one of these, worded as kube-apiserver words it: clients match on `reason` and `code`,
 * people and scripts read the message.
 */

import type { StatusCause } from '../../../kube/kube-client.ts';
import type { KindDefinition } from '../kind.ts';

export type StatusDetails = {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: readonly Partial<StatusCause>[];
  retryAfterSeconds?: number;
};

/** The body of a refusal: `kind: Status` of `v1`. */
export type StatusBody = {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
};

/** Thrown anywhere below the dispatcher, answered there. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = 'ApiFailure';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): StatusBody {
    const details = this.details === undefined ? {} : { details: this.details };
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...details,
      code: this.code,
    };
  }
}

/** `deployments.apps`, or `pods` for the core group. */
export function qualifiedResource({ type }: KindDefinition): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

const groupDetail = (kind: KindDefinition): { group?: string } =>
  kind.type.group === '' ? {} : { group: kind.type.group };

const resourceDetails = (kind: KindDefinition, name: string): StatusDetails => ({
  ...(name === '' ? {} : { name }),
  ...groupDetail(kind),
  kind: kind.type.plural,
});

export function notFound(kind: KindDefinition, name: string): ApiFailure {
  const message = `${qualifiedResource(kind)} "${name}" not found`;
  return new ApiFailure(404, 'NotFound', message, resourceDetails(kind, name));
}

export function alreadyExists(kind: KindDefinition, name: string): ApiFailure {
  const message = `${qualifiedResource(kind)} "${name}" already exists`;
  return new ApiFailure(409, 'AlreadyExists', message, resourceDetails(kind, name));
}

export const MODIFIED_MEANWHILE =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(kind: KindDefinition, name: string, why: string): ApiFailure {
  const message = `Operation cannot be fulfilled on ${qualifiedResource(kind)} "${name}": ${why}`;
  return new ApiFailure(409, 'Conflict', message, resourceDetails(kind, name));
}

/** A precondition of a deletion does not hold; here the real server names the kind and not the resource. */
export function preconditionFailed({ type }: KindDefinition, name: string, why: string): ApiFailure {
  const group = type.group === '' ? {} : { group: type.group };
  const qualified = type.group === '' ? type.kind : `${type.kind}.${type.group}`;
  const message = `Operation cannot be fulfilled on ${qualified} "${name}": ${why}`;
  return new ApiFailure(409, 'Conflict', message, { name, ...group, kind: type.kind });
}

export function forbidden(
  kind: KindDefinition,
  name: string,
  { why, causes = [] }: { why: string; causes?: readonly StatusCause[] },
): ApiFailure {
  const quoted = name === '' ? '' : ` "${name}"`;
  return new ApiFailure(403, 'Forbidden', `${qualifiedResource(kind)}${quoted} is forbidden: ${why}`, {
    ...resourceDetails(kind, name),
    ...(causes.length === 0 ? {} : { causes }),
  });
}

/** One refusal for all causes: `Deployment.apps "web" is invalid: [spec.replicas: …, spec.selector: …]`. */
export function invalid(kind: KindDefinition, name: string, causes: readonly StatusCause[]): ApiFailure {
  const { group, kind: kindName } = kind.type;
  const qualified = group === '' ? kindName : `${kindName}.${group}`;
  const sentences = [...new Set(causes.map(({ field, message }) => `${field === '' ? '<nil>' : field}: ${message}`))];
  const listed = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`;
  return new ApiFailure(422, 'Invalid', `${qualified} "${name}" is invalid: ${listed}`, {
    ...(name === '' ? {} : { name }),
    ...groupDetail(kind),
    kind: kindName,
    causes,
  });
}

export function badRequest(message: string): ApiFailure {
  return new ApiFailure(400, 'BadRequest', message);
}

export function methodNotAllowed(): ApiFailure {
  return new ApiFailure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

const OPTIONS_OF_METHOD: Readonly<Record<string, string>> = {
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  PATCH: 'PatchOptions',
  DELETE: 'DeleteOptions',
  GET: 'ListOptions',
};

/** Parameters of the query that have values which are not allowed. */
export function invalidOption(method: string, ...causes: readonly StatusCause[]): ApiFailure {
  const kind = OPTIONS_OF_METHOD[method] ?? 'ListOptions';
  const sentences = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const listed = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`;
  const message = `${kind}.meta.k8s.io "" is invalid: ${listed}`;
  return new ApiFailure(422, 'Invalid', message, { group: 'meta.k8s.io', kind, causes });
}

export function unsupportedMediaType(accepted: readonly string[]): ApiFailure {
  return new ApiFailure(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

export function notAcceptable(accepted: readonly string[]): ApiFailure {
  return new ApiFailure(
    406,
    'NotAcceptable',
    `only the following media types are accepted: ${accepted.join(', ')}`,
    {},
  );
}

export function tooLarge(limitBytes: number): ApiFailure {
  return new ApiFailure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`, {});
}

export function unauthorized(): ApiFailure {
  return new ApiFailure(401, 'Unauthorized', 'Unauthorized');
}

export function expired(message: string): ApiFailure {
  return new ApiFailure(410, 'Expired', message);
}

export function internalError(message: string): ApiFailure {
  return new ApiFailure(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ message }],
  });
}
