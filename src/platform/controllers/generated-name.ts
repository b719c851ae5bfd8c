/** Objects whose name the API server makes from `generateName`. */

import type { ObjectMeta } from '../../lib/resource.ts';

/** Metadata without a name; the server answers with the completed object, which is the one to be used from then on. */
export function generatedName(metadata: Omit<ObjectMeta, 'name'> & { generateName: string }): ObjectMeta {
  return metadata as ObjectMeta;
}
