/** Server-side apply: merging, removing what is no longer applied, and conflicts. */

import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../src/lib/resource.ts';
import { applyServerSide } from '../../../../src/platform/api/apply/server-side-apply.ts';
import { kindNamed } from './kind-named.ts';

const { schema } = kindNamed('Deployment');
const at = '2026-01-01T00:00:00Z';
const deployment = (spec: Record<string, unknown>, metadata = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', ...metadata },
  spec,
});
const pods = (...containers: unknown[]) => ({ template: { spec: { containers } } });
const apply = (live: KubeObject | undefined, applied: KubeObject, manager = 'me', force = false) =>
  applyServerSide({ live, applied, manager, force, schema, at });

describe('applyServerSide()', () => {
  test('creates what is not there and says who owns it', () => {
    const { object, conflicts } = apply(undefined, deployment({ replicas: 2 }));
    expect(conflicts).toEqual([]);
    expect(object.spec).toEqual({ replicas: 2 });
    expect(object.metadata.managedFields).toEqual([
      {
        manager: 'me',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: at,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
    ]);
  });

  test('merges containers by name and keeps fields of others', () => {
    const { object: live } = apply(undefined, deployment(pods({ name: 'a', image: 'a:1' })));
    const { object } = apply(live, deployment(pods({ name: 'b', image: 'b:1' })), 'you');
    expect(object.spec).toEqual(pods({ name: 'a', image: 'a:1' }, { name: 'b', image: 'b:1' }));
  });

  test('removes a field that is no longer applied', () => {
    const { object: live } = apply(undefined, deployment({ replicas: 2, paused: true }));
    expect(apply(live, deployment({ replicas: 2 })).object.spec).toEqual({ replicas: 2 });
  });

  test('keeps such a field when somebody else applies it too', () => {
    const first = apply(undefined, deployment({ replicas: 2, paused: true })).object;
    const both = apply(first, deployment({ paused: true }), 'you').object;
    expect(apply(both, deployment({ replicas: 2 })).object.spec).toEqual({ replicas: 2, paused: true });
  });

  test('reports a conflict by field, and changes nothing', () => {
    const live = apply(undefined, deployment({ replicas: 2 })).object;
    const { object, conflicts } = apply(live, deployment({ replicas: 3 }), 'you');
    expect(object).toBe(live);
    expect(conflicts).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "me"', field: '.spec.replicas' },
    ]);
  });

  test('takes the field over when forced', () => {
    const live = apply(undefined, deployment({ replicas: 2 })).object;
    const { object, conflicts } = apply(live, deployment({ replicas: 3 }), 'you', true);
    expect(conflicts).toEqual([]);
    expect(object.spec).toEqual({ replicas: 3 });
    expect(object.metadata.managedFields).toHaveLength(1);
  });

  test('applied twice, nothing changes', () => {
    const once = apply(undefined, deployment({ replicas: 2, ...pods({ name: 'a', image: 'a' }) })).object;
    expect(apply(once, deployment({ replicas: 2, ...pods({ name: 'a', image: 'a' }) })).object).toEqual(once);
  });
});
