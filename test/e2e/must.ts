/** What must hold, in words: the words are the report when it does not. */

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`It must hold that ${what}`);
}
