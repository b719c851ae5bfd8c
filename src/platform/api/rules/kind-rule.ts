/** What the server itself does to objects of some built-in kinds as they are written: allocate, stamp, refuse. */

import type { StatusCause } from '../../../kube/kube-client.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';

export type KindRule = {
  /** Fills in what only the server knows, in place; `object` is not stored yet. */
  prepare?: (object: KubeObject, context: ApiContext) => void;
  /** What is wrong with an object, new or changed. */
  validate?: (object: KubeObject) => StatusCause[];
  /** What is wrong with a changed object beyond its own fields. */
  checkUpdate?: (object: KubeObject, context: ApiContext) => StatusCause[];
  /** What a writer should know of an object that is accepted. */
  warnings?: (object: KubeObject) => string[];
  /** What is wrong with a new object beyond its own fields. */
  check?: (object: KubeObject, context: ApiContext) => StatusCause[];
  /** Keeps the server's part when the object is changed, in place. */
  prepareUpdate?: (object: KubeObject, old: KubeObject, context: ApiContext) => void;
};
