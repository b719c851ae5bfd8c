/** The node of this machine: registers it, says that it is ready, and renews its Lease, or its pods would be taken for dead. */

import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { isAlreadyExists, isConflict, type KubeClient } from '../../kube/kube-client.ts';
import { emptyLease, type LeaseObject, toMicroTime } from '../../kube/lease.ts';
import { LEASE, NAMESPACE, NODE } from '../../kube/resource-types.ts';
import { type Clock, toRfc3339 } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { KubeObject } from '../../lib/resource.ts';
import { NODE_ADDRESS } from './pod-environment.ts';

export type NodeHeartbeat = { registered: Promise<void>; close(): void };

/** Half of what the node lifecycle controller expects, and as the kubelet does. */
const RENEW_MS = 10_000;
const RETRY_MS = 1_000;
const LEASE_SECONDS = 40;
const LEASE_NAMESPACE = 'kube-node-lease';
const PODS_MAX = 110;

export function startNodeHeartbeat(options: {
  client: KubeClient;
  nodeName: string;
  clock: Clock;
  logger: Logger;
}): NodeHeartbeat {
  const { client, nodeName, clock, logger } = options;
  const first = Promise.withResolvers<void>();
  let closed = false;
  let registered = false;
  let cancel = (): void => {};

  const beat = async (): Promise<void> => {
    let waitMs = RENEW_MS;
    try {
      if (!registered) await register(client, nodeName, clock);
      await renewLease(client, nodeName, clock);
      registered = true;
      first.resolve();
    } catch (thrown) {
      logger.debug({ node: nodeName, error: messageOf(thrown) }, 'node heartbeat failed');
      waitMs = RETRY_MS;
    }
    if (!closed) cancel = clock.after(waitMs, () => void beat());
  };
  void beat();
  return {
    registered: first.promise,
    close() {
      closed = true;
      cancel();
      first.resolve();
    },
  };
}

async function register(client: KubeClient, nodeName: string, clock: Clock): Promise<void> {
  const labels = {
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': platform(),
    'kubernetes.io/arch': arch() === 'x64' ? 'amd64' : arch(),
    // Pods of this node listen where their annotation says, not at their address.
    'platform.sluice.dev/runtime': 'process',
  };
  const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, labels }, spec: {} };
  await createOrKeep(client.create(NODE, node));
  await client.patch(NODE, { name: nodeName }, { metadata: { labels } }, { strategy: 'merge' });
  await client.patch(
    NODE,
    { name: nodeName },
    { status: nodeStatus(nodeName, clock) },
    { strategy: 'merge', subresource: 'status' },
  );
}

function nodeStatus(nodeName: string, clock: Clock): Record<string, unknown> {
  const at = toRfc3339(clock.now());
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: '',
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  });
  const capacity = { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: String(PODS_MAX) };
  return {
    capacity,
    allocatable: capacity,
    addresses: [
      { type: 'InternalIP', address: NODE_ADDRESS },
      { type: 'Hostname', address: hostname() || nodeName },
    ],
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
      condition('Ready', 'True', 'KubeletReady'),
    ],
    nodeInfo: {
      architecture: arch() === 'x64' ? 'amd64' : arch(),
      operatingSystem: platform(),
      kernelVersion: release(),
      osImage: `${platform()} processes`,
      containerRuntimeVersion: 'process://1',
      kubeletVersion: 'sluice',
      kubeProxyVersion: '',
      machineID: '',
      systemUUID: '',
      bootID: '',
    },
  };
}

async function renewLease(client: KubeClient, nodeName: string, clock: Clock): Promise<void> {
  const spec = {
    holderIdentity: nodeName,
    leaseDurationSeconds: LEASE_SECONDS,
    renewTime: toMicroTime(clock.now()),
  };
  const ref = { namespace: LEASE_NAMESPACE, name: nodeName };
  const current = await client.get<LeaseObject>(LEASE, ref);
  if (current === undefined) {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: LEASE_NAMESPACE } };
    await createOrKeep(client.create(NAMESPACE, namespace));
    await createOrKeep(client.create(LEASE, { ...emptyLease(LEASE_NAMESPACE, nodeName), spec }));
    return;
  }
  await client.patch(LEASE, ref, { spec }, { strategy: 'merge' });
}

async function createOrKeep(created: Promise<unknown>): Promise<void> {
  await created.catch((thrown: unknown) => {
    if (!isAlreadyExists(thrown) && !isConflict(thrown)) throw thrown;
  });
}
