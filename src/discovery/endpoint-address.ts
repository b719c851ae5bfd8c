/**
 * Where an endpoint really listens (platform.md 3.6). Pods that run as local processes have an address of a virtual network
 * that nobody may dial; the kubelet writes the real one into an annotation of the Pod, per container port.
 */

import { LISTEN_ANNOTATION } from '../kube/listen-annotation.ts';
import type { KubeObject } from '../lib/resource.ts';

/** Labels and annotations with this prefix mark a node whose pods are processes. */
const PROCESS_NODE_PREFIX = 'platform.sluice.dev/';

export type EndpointPlace = {
  /** As the EndpointSlice has it. */
  ip: string;
  port: number;
  /** `unknown`: the slice names a pod that has not been seen yet; `none`: it names none. */
  pod: KubeObject | 'unknown' | 'none';
  isProcessNode: boolean;
};

/** @returns `host:port`, or `undefined` while nobody can say */
export function endpointAddress({ ip, port, pod, isProcessNode }: EndpointPlace): string | undefined {
  if (pod === 'unknown') return undefined;
  const announced = pod === 'none' ? undefined : pod.metadata.annotations?.[LISTEN_ANNOTATION];
  if (announced !== undefined) return addressOf(announced, port);
  if (isProcessNode) return undefined;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Whether pods on the node are local processes. An unknown node is an ordinary one. */
export function isProcessNode(node: KubeObject | undefined): boolean {
  const { labels = {}, annotations = {} } = node?.metadata ?? {};
  return [...Object.keys(labels), ...Object.keys(annotations)].some((key) => key.startsWith(PROCESS_NODE_PREFIX));
}

function addressOf(announced: string, port: number): string | undefined {
  try {
    const address = (JSON.parse(announced) as Record<string, unknown> | null)?.[String(port)];
    // Anything else would make the proxy refuse the whole table.
    return typeof address === 'string' && /^.+:\d{1,5}$/.test(address) ? address : undefined;
  } catch {
    return undefined;
  }
}
