import { describe, expect, test } from 'vitest';
import type { ServiceEndpoint } from '../../../src/mesh/compile/mesh-input.ts';
import { type PlacingSite, placeEndpoints } from '../../../src/mesh/compile/place-endpoints.ts';
import { labelsOf } from '../../support/sample-table.ts';

/** Endpoints named by their place; `place#label=value` has a label, too. */
const endpointsAt = (...places: string[]): ServiceEndpoint[] =>
  places.map((written) => {
    const [locality = '', label] = written.split('#');
    const [name = '', value = ''] = label?.split('=') ?? [];
    const labels: Record<string, string> = label === undefined ? {} : { [name]: value };
    const place = locality === '' ? {} : { locality };
    return { address: written, ready: true, labels, workload: labelsOf('web'), ...place };
  });

const CALLER = { locality: 'eu/one/a', labels: { version: 'v1', rack: '7' } };

function prioritiesOf(setting: PlacingSite['setting'], places: string[], site: Partial<PlacingSite> = {}) {
  const placed = placeEndpoints(endpointsAt(...places), { setting, caller: CALLER, prefersNear: true, ...site });
  return placed.endpoints.map(({ priority = 0 }) => priority);
}

describe('near endpoints', () => {
  const around = ['eu/one/a', 'eu/one/b', 'eu/two/a', 'us/one/a', ''];
  test.each<[string, PlacingSite['setting'], string[], number[], Partial<PlacingSite>]>([
    ['come first: subzone, zone, region, others', undefined, around, [0, 1, 2, 3, 3], {}],
    ['leave no gaps', undefined, ['eu/two/a', 'us/one/a'], [0, 1], {}],
    ['are not preferred without outlier detection', undefined, around, [0, 0, 0, 0, 0], { prefersNear: false }],
    ['are not preferred when that is off', { enabled: false }, around, [0, 0, 0, 0, 0], {}],
    ['are unknown to a caller of an unknown place', undefined, around, [0, 0, 0, 0, 0], { caller: {} }],
    [
      'are followed by the region of the rule',
      { failover: [{ from: 'eu', to: 'us' }] },
      ['eu/one/a', 'us/x', 'asia/x'],
      [0, 1, 2],
      {},
    ],
    [
      'are followed by any region without a rule for ours',
      { failover: [{ from: 'asia', to: 'us' }] },
      ['eu/one/a', 'us/x', 'asia/x'],
      [0, 1, 1],
      {},
    ],
    [
      'are those with the same labels, from the first on',
      { failoverPriority: ['version', 'rack'] },
      ['#version=v1', '#rack=7', '#version=v2'],
      [0, 1, 1],
      {},
    ],
    [
      'are those with the label that is asked for',
      { failoverPriority: ['version=v2'] },
      ['#version=v1', '#version=v2'],
      [1, 0],
      {},
    ],
    [
      'are found by labels of the place, too',
      { failoverPriority: ['topology.kubernetes.io/region'] },
      ['us/x', 'eu/two'],
      [1, 0],
      {},
    ],
    [
      'are ranked by labels first, then by place',
      { failoverPriority: ['version'], failover: [{ from: 'eu', to: 'us' }] },
      ['us/x#version=v1', 'eu/one/a#version=v1', 'eu/one/a#version=v2', 'asia/x#version=v1'],
      [1, 0, 3, 2],
      {},
    ],
    ['have a label that the caller lacks', { failoverPriority: ['colour'] }, ['#colour=blue'], [0], {}],
  ])('%s', (_, setting, places, expected, site) => expect(prioritiesOf(setting, places, site)).toEqual(expected));
});

describe('distribution', () => {
  const weightsOf = (distribute: { from: string; to: Record<string, number> }[], places: string[]) => {
    const site = { setting: { distribute }, caller: CALLER, prefersNear: false };
    const { endpoints, localityWeights } = placeEndpoints(endpointsAt(...places), site);
    return { weights: localityWeights, kept: endpoints.map(({ address }) => address) };
  };

  test.each<
    [string, { from: string; to: Record<string, number> }[], string[], Record<string, number> | undefined, string[]]
  >([
    [
      'is by locality',
      [{ from: 'eu/one/*', to: { 'eu/one/*': 80, 'us/*': 20 } }],
      ['eu/one/a', 'us/x'],
      { 'eu/one/a': 80, 'us/x': 20 },
      ['eu/one/a', 'us/x'],
    ],
    [
      'splits a pattern by the number of endpoints',
      [{ from: '*', to: { 'eu/*': 100 } }],
      ['eu/one', 'eu/two', 'eu/two'],
      { 'eu/one': 34, 'eu/two': 67 },
      ['eu/one', 'eu/two', 'eu/two'],
    ],
    [
      'leaves out what no pattern covers',
      [{ from: 'eu', to: { us: 100 } }],
      ['eu/one', 'us/x'],
      { 'us/x': 100 },
      ['us/x'],
    ],
    [
      'takes the first rule for the caller',
      [
        { from: 'us/*', to: { asia: 100 } },
        { from: 'eu/*', to: { us: 100 } },
      ],
      ['us/x', 'asia'],
      { 'us/x': 100 },
      ['us/x'],
    ],
    [
      'does nothing for callers of other places',
      [{ from: 'us/*', to: { us: 100 } }],
      ['eu/one', 'us/x'],
      undefined,
      ['eu/one', 'us/x'],
    ],
  ])('%s', (_, distribute, places, weights, kept) => expect(weightsOf(distribute, places)).toEqual({ weights, kept }));
});
