import { describe, expect, test } from 'vitest';
import type { ClusterLimits } from '../../../src/mesh/table/route-table.ts';
import { shareLimits } from '../../../src/proxy/parent/share-limits.ts';
import { clusterItem, endpointsItem } from '../../support/sample-table.ts';

describe('limits of a proxy with several workers', () => {
  const share = (limits: ClusterLimits | undefined, workers: number) => {
    const puts = [clusterItem('web', limits === undefined ? {} : { limits }), endpointsItem('web', [1])];
    const { change, exceeded } = shareLimits({ version: 1, puts, removes: [] }, workers);
    const [cluster] = change.puts;
    return { limits: cluster?.kind === 'cluster' ? cluster.value.limits : undefined, exceeded };
  };

  test.each<[string, ClusterLimits | undefined, number, ClusterLimits | undefined, string[]]>([
    ['are the worker’s own when it is alone', { connections: 3 }, 1, { connections: 3 }, []],
    [
      'are divided',
      { connections: 10, pending: 8, requests: 6, retries: 4 },
      2,
      { connections: 5, pending: 4, requests: 3, retries: 2 },
      [],
    ],
    ['are never exceeded by rounding', { connections: 11 }, 4, { connections: 2 }, []],
    [
      'are at least one, which is said',
      { connections: 1, pending: 2 },
      2,
      { connections: 1, pending: 1 },
      ['web: connections 1'],
    ],
    [
      'leave a budget alone, which is a share already',
      { retryBudget: { percent: 20, least: 3 } },
      3,
      { retryBudget: { percent: 20, least: 3 } },
      [],
    ],
    ['are none where there are none', undefined, 2, undefined, []],
  ])('%s', (_, limits, workers, expected, exceeded) => {
    expect(share(limits, workers)).toEqual({ limits: expected, exceeded });
  });
});
