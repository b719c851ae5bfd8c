/** Who waits for a pod to be out of the proxy's table: the kubelet asks before it tells the pod to stop (design.md §9). */

export type PodFarewells = {
  /** A table with these pods was compiled; it is not served yet. */
  compiled(pods: ReadonlySet<string>): void;
  /** The table with these pods is served by every live worker. */
  served(pods: ReadonlySet<string>): void;
  /** Resolves when neither the served table nor the one compiled last has the pod (`namespace/name`). */
  without(pod: string): Promise<void>;
};

export function createPodFarewells(): PodFarewells {
  /** Absent: nothing is known to be served yet. */
  let servedPods: ReadonlySet<string> | undefined;
  let compiledPods: ReadonlySet<string> = new Set();
  const waiting = new Map<string, PromiseWithResolvers<void>>();

  const isOut = (pod: string) => servedPods !== undefined && !servedPods.has(pod) && !compiledPods.has(pod);

  return {
    compiled(pods) {
      compiledPods = pods;
    },
    served(pods) {
      servedPods = pods;
      for (const [pod, { resolve }] of waiting) {
        if (!isOut(pod)) continue;
        waiting.delete(pod);
        resolve();
      }
    },
    without(pod) {
      if (isOut(pod)) return Promise.resolve();
      const waiter = waiting.get(pod) ?? Promise.withResolvers<void>();
      waiting.set(pod, waiter);
      return waiter.promise;
    },
  };
}
