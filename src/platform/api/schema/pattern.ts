/** Patterns of schemas are RE2 in Kubernetes; they run in linear time here too. */

import { RE2JS } from 're2js';
import { messageOf } from '../../../lib/errors.ts';

type Pattern = { test(text: string): boolean };
const compiled = new Map<string, Pattern | undefined>();

/** @returns `undefined` for a pattern that RE2 does not understand: it constrains nothing, as on the real server */
export function patternOf(source: string): Pattern | undefined {
  if (!compiled.has(source)) compiled.set(source, compile(source));
  return compiled.get(source);
}

/** What is wrong with a pattern, or `undefined` for one that RE2 understands. */
export function patternFault(source: string): string | undefined {
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function compile(source: string): Pattern | undefined {
  try {
    const pattern = RE2JS.compile(source);
    return { test: (text) => pattern.matcher(text).find() };
  } catch {
    return undefined;
  }
}
