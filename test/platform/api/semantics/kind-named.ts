/** Finds a built-in kind by its name, for tests. */

import { builtinKinds } from '../../../../src/platform/api/builtin/builtin-kinds.ts';
import type { KindDefinition } from '../../../../src/platform/api/kind.ts';

export function kindNamed(name: string): KindDefinition {
  const found = builtinKinds().find(({ type }) => type.kind === name);
  if (found === undefined) throw new Error(`No built-in kind ${name}`);
  return found;
}
