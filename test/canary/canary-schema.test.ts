import { describe, expect, test } from 'vitest';
import { parseCanarySpec } from '../../src/canary/canary.schema.ts';
import type { KubeObject } from '../../src/lib/resource.ts';

function canary(spec: Record<string, unknown>, analysis: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'podinfo' },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      service: { port: 80 },
      analysis: { interval: '30s', threshold: 5, stepWeight: 10, ...analysis },
      ...spec,
    },
  };
}

describe('parseCanarySpec()', () => {
  test('takes a full manifest written for Flagger', () => {
    const manifest = canary(
      {
        provider: 'istio',
        progressDeadlineSeconds: 60,
        autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' },
        service: {
          port: 9898,
          targetPort: 'http',
          portDiscovery: true,
          gateways: ['istio-system/public-gateway'],
          hosts: ['app.example.com'],
          trafficPolicy: { tls: { mode: 'DISABLE' } },
          retries: { attempts: 3, perTryTimeout: '1s', retryOn: 'gateway-error' },
          corsPolicy: { allowOrigins: [{ exact: 'example.com' }], maxAge: '24h' },
        },
      },
      {
        maxWeight: 50,
        metrics: [
          { name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '1m' },
          {
            name: 'latency',
            templateRef: { name: 'latency', namespace: 'istio-system' },
            thresholdRange: { max: 500 },
          },
        ],
        webhooks: [{ name: 'load', url: 'http://loadtester/', timeout: '5s', metadata: { cmd: 'hey -z 1m' } }],
        alerts: [{ name: 'on-call', severity: 'error', providerRef: { name: 'slack' } }],
      },
    );
    expect(parseCanarySpec(manifest)).toMatchObject({
      ok: true,
      value: { analysis: { stepWeight: 10, maxWeight: 50 } },
    });
  });

  const refused: Record<string, { manifest: KubeObject; path: string; message: RegExp }> = {
    'names the place and the found value of a wrong duration': {
      manifest: canary({}, { interval: 'soon' }),
      path: 'spec.analysis.interval',
      message: /must be a duration such as 30s or 5m: got "soon"/,
    },
    'refuses two strategies at once': {
      manifest: canary({}, { iterations: 5 }),
      path: 'spec.analysis',
      message: /exactly one of iterations, stepWeight, stepWeights, stages/,
    },
    'refuses no strategy at all': {
      manifest: canary({}, { stepWeight: undefined }),
      path: 'spec.analysis',
      message: /found none/,
    },
    'lists what is allowed': {
      manifest: canary({}, { onNoData: 'panic' }),
      path: 'spec.analysis.onNoData',
      message: /hold.*fail.*pass.*got "panic"/,
    },
    'refuses a weight above 100': {
      manifest: canary({}, { stepWeight: undefined, stages: [{ weight: 101 }] }),
      path: 'spec.analysis.stages[0].weight',
      message: /0 to 100: got 101/,
    },
    'refuses a match of two kinds': {
      manifest: canary({}, { match: [{ headers: { x: { exact: 'a', prefix: 'b' } } }] }),
      path: 'spec.analysis.match[0].headers.x',
      message: /exactly one of/,
    },
    'refuses a Canary without a spec': {
      manifest: { ...canary({}), spec: undefined },
      path: 'spec',
      message: /got nothing/,
    },
  };
  test.each(Object.entries(refused))('%s', (_name, { manifest, path, message }) => {
    const parsed = parseCanarySpec(manifest);
    expect(parsed.ok).toBe(false);
    const issue = parsed.ok ? undefined : parsed.issues.find((each) => each.path === path);
    expect(issue?.message).toMatch(message);
  });
});
