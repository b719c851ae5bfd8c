/** Tells in a VirtualService's status which generation all live workers serve; a rollout waits for it (design.md §9). */

import type { KubeClient } from '../kube/kube-client.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type KubeObject, objectKey } from '../lib/resource.ts';
import { VIRTUAL_SERVICE } from '../mesh/istio-kinds.ts';

/** Objects and their generations, as a table was compiled from them. */
export type ServedGeneration = { name: string; namespace: string; generation: number };

export type GenerationWriter = {
  /**
   * @param tableVersion the route table in which the generations are served, by which access logs are attributed
   * @returns whether everything is written; `false` asks for another call later
   */
  write(served: readonly ServedGeneration[], tableVersion: number): Promise<boolean>;
};

/** @param current the object as it is now, so that nothing is written twice */
export function createGenerationWriter(
  client: KubeClient,
  { current, logger }: { current: (ref: ServedGeneration) => KubeObject | undefined; logger: Logger },
): GenerationWriter {
  /** What was written but has not come back through the watch yet. */
  const written = new Map<string, number>();

  const writeOne = async (served: ServedGeneration, tableVersion: number): Promise<boolean> => {
    const { name, namespace, generation } = served;
    const object = current(served);
    if (object === undefined || generation === 0) return true;
    const status = object.status as { observedGeneration?: number | string } | undefined;
    const known = Math.max(Number(status?.observedGeneration ?? 0), written.get(keyOf(object)) ?? 0);
    if (known >= generation) return true;
    try {
      const patch = { status: { observedGeneration: generation, tableVersion } };
      await client.patch(VIRTUAL_SERVICE, { name, namespace }, patch, { strategy: 'merge', subresource: 'status' });
      written.set(keyOf(object), generation);
      return true;
    } catch (thrown) {
      logger.warn({ virtualService: objectKey({ name, namespace }), error: messageOf(thrown) }, 'status not written');
      return false;
    }
  };

  return {
    async write(served, tableVersion) {
      const outcomes = await Promise.all(served.map((one) => writeOne(one, tableVersion)));
      return outcomes.every((done) => done);
    },
  };
}

function keyOf({ metadata }: KubeObject): string {
  return metadata.uid ?? objectKey(metadata);
}
