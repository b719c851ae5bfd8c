/** Istio's validation of faults that are injected on purpose (istio.md 11). */

import type { Issue } from '../../lib/issue.ts';
import { grpcStatusOf } from './grpc-status.ts';
import type { HttpRouteSpec } from './http-route.ts';

type Fault = NonNullable<HttpRouteSpec['fault']>;

/** A share below this is none that a proxy can draw. */
const PERCENT_LEAST = 0.0001;

/** @param path where the rule stands: `spec.http[0]` */
export function validateFault({ fault }: HttpRouteSpec, path: string): Issue[] {
  if (fault === undefined) return [];
  const { delay, abort } = fault;
  if (delay === undefined && abort === undefined) {
    return [{ path: `${path}.fault`, message: 'must have delay or abort: got neither' }];
  }
  return [
    ...validateShare(delay?.percentage, `${path}.fault.delay.percentage`),
    ...validateShare(abort?.percentage, `${path}.fault.abort.percentage`),
    ...(delay?.exponentialDelay === undefined
      ? []
      : [{ path: `${path}.fault.delay.exponentialDelay`, message: 'must be fixedDelay: no proxy has another' }]),
    ...validateAbort(abort ?? {}, `${path}.fault.abort`),
  ];
}

/** An abort that says nothing does nothing. */
export function warnFault({ fault }: HttpRouteSpec, path: string): Issue[] {
  if (fault?.abort === undefined || errorsOf(fault.abort).length > 0) return [];
  return [{ path: `${path}.fault.abort`, message: 'must have httpStatus or grpcStatus to do anything: got neither' }];
}

function validateShare(percentage: { value?: number | undefined } | undefined, path: string): Issue[] {
  const value = percentage?.value ?? 0;
  return value > 0 && value < PERCENT_LEAST
    ? [{ path: `${path}.value`, message: `must be 0 or at least ${PERCENT_LEAST}: got ${value}` }]
    : [];
}

function errorsOf(abort: NonNullable<Fault['abort']>) {
  return (['httpStatus', 'grpcStatus', 'http2Error'] as const).filter((key) => abort[key] !== undefined);
}

function validateAbort(abort: NonNullable<Fault['abort']>, path: string): Issue[] {
  const errors = errorsOf(abort);
  if (errors.length > 1) return [{ path, message: `must have only one error: got ${errors.join(', ')}` }];
  if (abort.http2Error !== undefined) {
    return [{ path: `${path}.http2Error`, message: 'must be httpStatus or grpcStatus: no proxy has another' }];
  }
  const { grpcStatus } = abort;
  return grpcStatus === undefined || grpcStatusOf(grpcStatus) !== undefined
    ? []
    : [{ path: `${path}.grpcStatus`, message: `must be a status of gRPC such as UNAVAILABLE: got ${grpcStatus}` }];
}
