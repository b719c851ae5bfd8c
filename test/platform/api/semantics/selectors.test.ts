/** Label and field selectors of list and watch. */

import { describe, expect, test } from 'vitest';
import { parseFieldSelector } from '../../../../src/platform/api/selector/field-selector.ts';
import { parseLabelSelector } from '../../../../src/platform/api/selector/label-selector.ts';
import { SelectorError } from '../../../../src/platform/api/selector/selector-error.ts';

describe('parseLabelSelector()', () => {
  const labels = { app: 'web', tier: 'front', weight: '5' };
  const cases: ReadonlyArray<readonly [string, boolean]> = [
    ['', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web , tier=front', true],
    ['app=api', false],
    ['app!=api', true],
    ['zone!=x', true],
    ['app in (web, api)', true],
    ['app in (api)', false],
    ['app notin (api)', true],
    ['zone notin (a)', true],
    ['app', true],
    ['zone', false],
    ['!zone', true],
    ['!app', false],
    ['zone=', false],
    ['weight>4', true],
    ['weight<5', false],
    ['toString', false],
  ];
  test.each(cases)('%s: %s', (selector, matches) => expect(parseLabelSelector(selector)(labels)).toBe(matches));

  test('an object without labels matches what asks for none', () => {
    expect(parseLabelSelector('!app')(undefined)).toBe(true);
    expect(parseLabelSelector('app')(undefined)).toBe(false);
  });

  test.each(['app,', 'app in (a', 'app in a', '=', 'a b', 'app=b c', 'weight>x', 'a!', '(', ',app'])(
    'refuses %s',
    (selector) => {
      expect(() => parseLabelSelector(selector)).toThrow(SelectorError);
    },
  );
});

describe('parseFieldSelector()', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'd' },
    spec: { nodeName: 'n' },
    status: { phase: 'Running' },
  };
  const cases: ReadonlyArray<readonly [string, boolean]> = [
    ['metadata.name=p', true],
    ['metadata.name!=p', false],
    ['metadata.name==p,metadata.namespace=d', true],
    ['spec.nodeName=n,status.phase!=Failed', true],
    ['spec.nodeName=', false],
  ];
  test.each(cases)('%s: %s', (selector, matches) =>
    expect(parseFieldSelector(selector, 'v1/Pod')(object)).toBe(matches),
  );

  test.each(['spec.foo=x', 'metadata.name', 'metadata.name=a=b'])('refuses %s', (selector) => {
    expect(() => parseFieldSelector(selector, 'v1/Pod')).toThrow(SelectorError);
  });
});
