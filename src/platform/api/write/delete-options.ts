/** How something is to be deleted: DeleteOptions from the body, or from the query where the body says nothing. */

import { at } from '../builtin/field-access.ts';
import { badRequest, invalidOption } from '../failure/api-failure.ts';
import { wholeNumber } from '../read/list.ts';
import { type ApiRequest, writeModeOf } from '../request/api-request.ts';
import { decodeObject } from '../request/body.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export type DeleteOptions = {
  propagation: Propagation;
  /** Only pods have time to end; for others it means nothing. */
  graceSeconds?: number;
  preconditions: { uid?: string; resourceVersion?: string };
  dryRun: boolean;
};

export const BACKGROUND: DeleteOptions = { propagation: 'Background', preconditions: {}, dryRun: false };

/** @throws ApiFailure 400 or 422 for values that are not allowed */
export function deleteOptionsOf(request: ApiRequest): DeleteOptions {
  const { body, contentType, query } = request;
  const fields = body.length === 0 ? {} : decodeObject(body, contentType);
  const grace = at(fields, 'gracePeriodSeconds') ?? wholeNumber(query, 'gracePeriodSeconds');
  if (grace !== undefined && (typeof grace !== 'number' || !Number.isInteger(grace) || grace < 0)) {
    throw badRequest(`gracePeriodSeconds must be a whole number that is not negative: got ${JSON.stringify(grace)}`);
  }
  const dryRun = at(fields, 'dryRun');
  return {
    propagation: propagationOf(fields, query),
    ...(grace === undefined ? {} : { graceSeconds: grace }),
    preconditions: preconditionsOf(at(fields, 'preconditions')),
    dryRun: writeModeOf(request).dryRun || (Array.isArray(dryRun) && dryRun.includes('All')),
  };
}

function propagationOf(fields: Record<string, unknown>, query: URLSearchParams): Propagation {
  const policy = at(fields, 'propagationPolicy') ?? query.get('propagationPolicy') ?? undefined;
  const orphans = at(fields, 'orphanDependents') ?? (query.get('orphanDependents') === 'true' || undefined);
  if (policy === undefined) return orphans === true ? 'Orphan' : 'Background';
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') return policy;
  throw invalidOption('DELETE', {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
    field: 'propagationPolicy',
  });
}

function preconditionsOf(value: unknown): DeleteOptions['preconditions'] {
  const [uid, resourceVersion] = [at(value, 'uid'), at(value, 'resourceVersion')];
  return {
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
  };
}
