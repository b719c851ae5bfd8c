/** The kubelet half against a real control plane: the same scenarios as on one machine, and real controllers that depend on it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEPLOYMENT, ENDPOINT_SLICE } from '../../src/kube/resource-types.ts';
import { createWatchCache } from '../../src/kube/watch-cache.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { type KubeletFixture, kubeletFixture, serverContainer } from '../platform/kubelet/kubelet-fixture.ts';
import { describeKubelet } from '../platform/kubelet/kubelet-scenarios.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

describeKubelet('a real control plane', startControlPlane);

type Deployment = KubeObject & {
  status?: { availableReplicas?: number; updatedReplicas?: number; replicas?: number; observedGeneration?: number };
};

describe('the real controllers', () => {
  let control: ControlPlane;
  let at: KubeletFixture;
  const ref = { namespace: 'default', name: 'web' };

  beforeAll(async () => {
    control = await startControlPlane();
    at = await kubeletFixture(control.kubeconfigPath);
  });
  afterAll(async () => {
    await at?.close();
    await control?.stop();
  });

  test('make a Deployment available, roll it to a new version, and take it away', async () => {
    const deployments = createWatchCache<Deployment>(at.client, DEPLOYMENT, {
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
    });
    const until = (what: (found: Deployment | undefined) => boolean): Promise<void> =>
      new Promise((resolve) => {
        const check = (): void => {
          if (what(deployments.get('default', 'web'))) resolve();
        };
        deployments.onChange(check);
        check();
      });
    const available = ({ metadata, status }: Deployment): boolean =>
      status?.observedGeneration === metadata.generation &&
      status?.updatedReplicas === 2 &&
      status.availableReplicas === 2 &&
      status.replicas === 2;

    const readinessProbe = { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 };
    const container = { name: 'main', image: 'none', ...serverContainer, readinessProbe };
    const spec = { terminationGracePeriodSeconds: 2, containers: [container] };
    const labels = { app: 'web' };
    await at.client.create(DEPLOYMENT, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: ref,
      spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    });
    await until((found) => found !== undefined && available(found));

    const containers = [{ ...container, env: [{ name: 'ANSWER', value: 'second' }] }];
    await at.client.patch(DEPLOYMENT, ref, { spec: { template: { spec: { containers } } } }, { strategy: 'merge' });
    await until((found) => found !== undefined && available(found));
    await at.client.delete(DEPLOYMENT, ref, { propagationPolicy: 'Foreground' });
    await until((found) => found === undefined);
    expect(at.pods.list('default')).toEqual([]);
    expect((await at.client.list(ENDPOINT_SLICE, { namespace: 'default', labelSelector: 'app=web' })).items).toEqual(
      [],
    );
    deployments.close();
  });
});
