import { describe, expect, test } from 'vitest';
import { type ClusterSettings, clusterSettings } from '../../../src/mesh/compile/cluster-settings.ts';
import type { TrafficPolicySpec } from '../../../src/mesh/schema/destination-rule.ts';

const DEFAULTS: ClusterSettings = { connectTimeoutMs: 10_000, loadBalancer: 'LEAST_REQUEST' };
const DETECTION = {
  consecutive5xx: 5,
  consecutiveGateway: 0,
  baseEjectionMs: 30_000,
  intervalMs: 10_000,
  ejectedPercentMost: 10,
  healthyPercentLeast: 0,
};

describe('a traffic policy', () => {
  test.each<[string, TrafficPolicySpec, Partial<ClusterSettings>]>([
    ['says nothing', {}, {}],
    [
      'limits what there may be at one time',
      {
        connectionPool: {
          tcp: { maxConnections: 1 },
          http: { http1MaxPendingRequests: 2, http2MaxRequests: 3, maxRetries: 4, maxRequestsPerConnection: 5 },
        },
      },
      { limits: { connections: 1, pending: 2, requests: 3, retries: 4 }, requestsPerConnection: 5 },
    ],
    [
      'has no limit where it says 0',
      {
        connectionPool: {
          tcp: { maxConnections: 0 },
          http: { http1MaxPendingRequests: 0, http2MaxRequests: 0, maxRetries: 0, maxRequestsPerConnection: 0 },
        },
      },
      {},
    ],
    [
      'says how long connections live',
      {
        connectionPool: {
          tcp: { connectTimeout: '30ms', maxConnectionDuration: '1h', tcpKeepalive: { time: '10s' } },
          http: { idleTimeout: '2s' },
        },
      },
      { connectTimeoutMs: 30, connectionLifeMs: 3_600_000, keepAliveMs: 10_000, idleMs: 2_000 },
    ],
    [
      'takes the idle time of TCP when HTTP has none',
      { connectionPool: { tcp: { idleTimeout: '3s', tcpKeepalive: {} } } },
      { idleMs: 3_000, keepAliveMs: 7_200_000 },
    ],
    [
      'takes the idle time of HTTP before that of TCP',
      { connectionPool: { tcp: { idleTimeout: '3s' }, http: { idleTimeout: '2s' } } },
      { idleMs: 2_000 },
    ],
    ['has a retry budget', { retryBudget: { percent: 50 } }, { limits: { retryBudget: { percent: 50, least: 3 } } }],
    [
      'has a retry budget of its own least',
      { retryBudget: { minRetryConcurrency: 0 } },
      { limits: { retryBudget: { percent: 20, least: 0 } } },
    ],
    ['detects outliers by defaults', { outlierDetection: {} }, { outliers: DETECTION }],
    [
      'detects outliers',
      {
        outlierDetection: {
          consecutive5xxErrors: 0,
          consecutiveGatewayErrors: 3,
          interval: '1s',
          baseEjectionTime: '2s',
          maxEjectionPercent: 100,
          minHealthPercent: 40,
          outlierDetectionHttpErrorCodes: [429],
        },
      },
      {
        outliers: {
          consecutive5xx: 0,
          consecutiveGateway: 3,
          errorCodes: [429],
          baseEjectionMs: 2_000,
          intervalMs: 1_000,
          ejectedPercentMost: 100,
          healthyPercentLeast: 40,
        },
      },
    ],
    [
      'tells failures of the way apart',
      { outlierDetection: { splitExternalLocalOriginErrors: true } },
      { outliers: { ...DETECTION, consecutiveLocal: 5 } },
    ],
    [
      'counts them as its own number says',
      { outlierDetection: { splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 2 } },
      { outliers: { ...DETECTION, consecutiveLocal: 2 } },
    ],
    [
      'warms new endpoints up',
      { loadBalancer: { simple: 'ROUND_ROBIN', warmup: { duration: '1m', minimumPercent: 50, aggression: 2 } } },
      { loadBalancer: 'ROUND_ROBIN', warmup: { durationMs: 60_000, leastShare: 0.5, aggression: 2 } },
    ],
    [
      'warms new endpoints up in the old spelling',
      { loadBalancer: { warmupDurationSecs: '30s' } },
      { warmup: { durationMs: 30_000, leastShare: 0.1, aggression: 1 } },
    ],
  ])('%s', (_, policy, expected) => expect(clusterSettings([policy], 80)).toEqual({ ...DEFAULTS, ...expected }));

  test('of a port replaces all but the retry budget', () => {
    const policy: TrafficPolicySpec = {
      connectionPool: { tcp: { maxConnections: 1 } },
      retryBudget: { percent: 50 },
      portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: 'RANDOM' } }],
    };
    const budget = { limits: { retryBudget: { percent: 50, least: 3 } } };
    expect(clusterSettings([policy], 80)).toEqual({ ...DEFAULTS, loadBalancer: 'RANDOM', ...budget });
    expect(clusterSettings([policy], 81)).toMatchObject({ limits: { connections: 1 } });
  });

  test('of a subset replaces block by block', () => {
    const rule: TrafficPolicySpec = {
      connectionPool: { tcp: { maxConnections: 1 }, http: { maxRetries: 2 } },
      outlierDetection: {},
    };
    const subset: TrafficPolicySpec = { connectionPool: { http: { http1MaxPendingRequests: 3 } } };
    expect(clusterSettings([subset, rule], 80)).toEqual({ ...DEFAULTS, limits: { pending: 3 }, outliers: DETECTION });
  });
});
