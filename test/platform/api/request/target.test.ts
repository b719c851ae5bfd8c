import { expect, test } from 'vitest';
import { parseTarget } from '../../../../src/platform/api/request/target.ts';

test.each([
  ['/api/v1/nodes', { group: '', version: 'v1', plural: 'nodes' }],
  ['/api/v1/namespaces', { group: '', version: 'v1', plural: 'namespaces' }],
  ['/api/v1/namespaces/shop', { group: '', version: 'v1', plural: 'namespaces', name: 'shop' }],
  [
    '/api/v1/namespaces/shop/finalize',
    { group: '', version: 'v1', plural: 'namespaces', name: 'shop', subresource: 'finalize' },
  ],
  ['/api/v1/namespaces/shop/pods', { group: '', version: 'v1', plural: 'pods', namespace: 'shop' }],
  [
    '/api/v1/namespaces/shop/pods/web/log',
    { group: '', version: 'v1', plural: 'pods', namespace: 'shop', name: 'web', subresource: 'log' },
  ],
  [
    '/apis/apps/v1/namespaces/shop/deployments/web/scale',
    { group: 'apps', version: 'v1', plural: 'deployments', namespace: 'shop', name: 'web', subresource: 'scale' },
  ],
  ['/apis/apps/v1/deployments', { group: 'apps', version: 'v1', plural: 'deployments' }],
  ['/apis/apps/v1', undefined],
  ['/apis', undefined],
  ['/version', undefined],
  ['/api/v1/namespaces/shop/pods/web/log/more', undefined],
  ['/api/v1/namespaces/%E0%A4%A/pods', undefined],
])('%s', (path, target) => {
  expect(parseTarget(path)).toEqual(target);
});
