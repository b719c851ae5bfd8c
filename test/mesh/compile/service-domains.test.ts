import { describe, expect, test } from 'vitest';
import type { MeshService } from '../../../src/mesh/compile/mesh-input.ts';
import { serviceNames } from '../../../src/mesh/compile/service-domains.ts';

const web: MeshService = { host: 'web.shop.svc.cluster.local', name: 'web', namespace: 'shop', ports: [] };
const elsewhere = { sameName: 2, caller: { namespace: 'other' } };

describe('a service', () => {
  test('is reached by its virtual addresses, as they stand in Host', () => {
    const names = serviceNames({ ...web, addresses: ['10.0.0.7', 'fd00::7'] }, elsewhere);
    expect(names.slice(-2)).toEqual(['10.0.0.7', '[fd00::7]']);
  });

  test.each([
    { of: 'the same namespace', caller: { namespace: 'shop' }, bare: true },
    { of: 'another namespace', caller: { namespace: 'other' }, bare: false },
    { of: 'nobody knows which namespace', caller: {}, bare: false },
  ])('has its bare name for callers of $of: $bare', ({ caller, bare }) => {
    expect(serviceNames(web, { sameName: 2, caller }).includes('web')).toBe(bare);
  });

  test('outside the cluster has one name beside its addresses', () => {
    const service = { ...web, host: 'api.example.com', addresses: ['192.0.2.1'] };
    expect(serviceNames(service, elsewhere)).toEqual(['api.example.com', '192.0.2.1']);
  });
});
