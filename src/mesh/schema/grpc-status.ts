/** Status codes of gRPC by their names, in the order of their numbers. */

const NAMES = (
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED ' +
  'FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'
).split(' ');

export function grpcStatusOf(name: string): number | undefined {
  const index = NAMES.indexOf(name);
  return index === -1 ? undefined : index;
}
