/** Patterns of schemas are RE2 in Kubernetes; they run in linear time here too. */

import { RE2JS } from 're2js';

type Pattern = { test(text: string): boolean };
const compiled = new Map<string, Pattern | undefined>();

/** @returns `undefined` for a pattern that RE2 does not understand: it constrains nothing, as on the real server */
export function patternOf(source: string): Pattern | undefined {
  if (!compiled.has(source)) compiled.set(source, compile(source));
  return compiled.get(source);
}

function compile(source: string): Pattern | undefined {
  try {
    const pattern = RE2JS.compile(source);
    return { test: (text) => pattern.matcher(text).find() };
  } catch {
    return undefined;
  }
}
