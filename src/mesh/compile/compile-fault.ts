/** Faults that are injected on purpose (envoy-facts: Faults): without a percentage nothing happens. */

import { durationMsOf } from '../schema/duration.ts';
import { grpcStatusOf } from '../schema/grpc-status.ts';
import type { HttpRouteSpec } from '../schema/http-route.ts';
import type { Fault } from '../table/route-table.ts';

export function compileFault(fault: HttpRouteSpec['fault']): Fault | undefined {
  const delay = compileDelay(fault?.delay);
  const abort = compileAbort(fault?.abort);
  return delay === undefined && abort === undefined ? undefined : { ...(delay && { delay }), ...(abort && { abort }) };
}

type FaultSpec = NonNullable<HttpRouteSpec['fault']>;

function compileDelay(delay: FaultSpec['delay']): Fault['delay'] {
  const percent = delay?.percentage === undefined ? (delay?.percent ?? 0) : (delay.percentage.value ?? 0);
  if (delay?.fixedDelay === undefined || percent === 0) return undefined;
  return { percent, delayMs: durationMsOf(delay.fixedDelay) };
}

// A gRPC status travels in an answer whose HTTP status is 200.
function compileAbort(abort: FaultSpec['abort']): Fault['abort'] {
  const percent = abort?.percentage?.value ?? 0;
  const status = abort?.httpStatus ?? (abort?.grpcStatus === undefined ? undefined : 200);
  if (status === undefined || percent === 0) return undefined;
  const grpcStatus = grpcStatusOf(abort?.grpcStatus ?? '');
  return { percent, status, ...(grpcStatus !== undefined && { grpcStatus }) };
}
