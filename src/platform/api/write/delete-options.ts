/** How something is to be deleted: DeleteOptions from the body, or from the query where the body says nothing. */

import { at } from '../builtin/field-access.ts';
import { badRequest, invalidOption } from '../failure/api-failure.ts';
import { integerOf } from '../read/list-options.ts';
import { type ApiRequest, isDryRun, writeModeOf } from '../request/api-request.ts';
import { decodeObject } from '../request/body.ts';
import { invalid, notSupported } from '../schema/causes.ts';

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
  assertOptions(fields);
  const grace = at(fields, 'gracePeriodSeconds') ?? integerOf(query, 'gracePeriodSeconds');
  if (grace !== undefined && (typeof grace !== 'number' || !Number.isInteger(grace))) {
    throw badRequest(`gracePeriodSeconds must be a whole number: got ${JSON.stringify(grace)}`);
  }
  const dryRun = at(fields, 'dryRun');
  const dryRunByBody = isDryRun(Array.isArray(dryRun) ? dryRun : [], 'DELETE');
  return {
    propagation: propagationOf(fields, query),
    // A second is the least that anybody waits; the real server takes negative times for it.
    ...(grace === undefined ? {} : { graceSeconds: grace < 0 ? 1 : grace }),
    preconditions: preconditionsOf(at(fields, 'preconditions')),
    dryRun: writeModeOf(request).dryRun || dryRunByBody,
  };
}

function assertOptions({ kind, apiVersion }: Record<string, unknown>): void {
  if (kind === undefined || kind === '' || kind === 'DeleteOptions') return;
  throw badRequest(`no kind "${String(kind)}" is registered for version "${String(apiVersion ?? '')}"`);
}

function propagationOf(fields: Record<string, unknown>, query: URLSearchParams): Propagation {
  const policy = at(fields, 'propagationPolicy') ?? query.get('propagationPolicy') ?? undefined;
  const orphans = at(fields, 'orphanDependents') ?? (query.get('orphanDependents') === 'true' || undefined);
  if (policy === undefined) return orphans === true ? 'Orphan' : 'Background';
  if (orphans !== undefined) {
    const why = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalidOption('DELETE', invalid('propagationPolicy', policy, why));
  }
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') return policy;
  throw invalidOption(
    'DELETE',
    notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']),
  );
}

function preconditionsOf(value: unknown): DeleteOptions['preconditions'] {
  const [uid, resourceVersion] = [at(value, 'uid'), at(value, 'resourceVersion')];
  return {
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
  };
}
