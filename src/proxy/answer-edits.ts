/** Header operations on an answer, filled in when its head is written: what is asked of the request was remembered before. */

import { type HeaderEdits, resolveEdits } from './header-edits.ts';

export type AnswerFacts = {
  status: number;
  /** A field of the service's answer; absent: the answer is ours. */
  field?: (name: string) => string | undefined;
  upstreamHost: string | undefined;
};

export function answerEdits(edits: HeaderEdits | undefined, facts: AnswerFacts): HeaderEdits | undefined {
  if (edits === undefined || edits.dynamic.length === 0) return edits;
  return resolveEdits(edits, {
    requestHeader: () => undefined,
    responseHeader: facts.field ?? (() => undefined),
    value: (command) => {
      if (command === 'RESPONSE_CODE') return String(facts.status);
      if (command === 'PROTOCOL') return 'HTTP/1.1';
      return command === 'UPSTREAM_HOST' ? facts.upstreamHost : undefined;
    },
  });
}
