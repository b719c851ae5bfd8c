/** Requests that the two servers may answer differently, each with the reason. Both are still sent, and none may fail inside. */
export const TOLERATED: Record<string, string> = {
  'a CRD without storage version':
    'the real server prints its internal Go type; the cause, field and reason are the same',
};
