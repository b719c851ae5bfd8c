/** What keeps an object, and what goes with it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CRDS,
  configMap,
  DEFAULT,
  type Harness,
  pod,
  startHarness,
  WIDGETS,
  widget,
  widgetDefinition,
} from './api-harness.ts';

let api: Harness;

beforeAll(async () => {
  api = await startHarness();
});
afterAll(() => api.stop());

/** Waits for the event that says so, not for time to pass. */
async function gone(collection: string, name: string): Promise<void> {
  const watching = await api.watch(`${collection}?watch=1&fieldSelector=metadata.name=${name}`);
  try {
    if ((await api.get(`${collection}/${name}`)).status === 404) return;
    for (;;) {
      const event = await watching.next();
      if (event === undefined || event.type === 'DELETED') return;
    }
  } finally {
    watching.close();
  }
}

const owned = (name: string, owner: { uid: string; name: string }, blocks = false) =>
  configMap(name, {
    ownerReferences: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        name: owner.name,
        uid: owner.uid,
        ...(blocks ? { blockOwnerDeletion: true } : {}),
      },
    ],
  });

const MAPS = `${DEFAULT}/configmaps`;
const made = async (name: string) => {
  const { json } = await api.post(MAPS, configMap(name));
  return { name, uid: String(json.metadata?.uid) };
};

describe('a deleted object', () => {
  test('is gone at once when nothing keeps it', async () => {
    const { uid } = await made('plain');
    const { status, json } = await api.delete(`${MAPS}/plain`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'plain', kind: 'configmaps', uid },
    });
    expect((await api.get(`${MAPS}/plain`)).json.message).toBe('configmaps "plain" not found');
  });

  test('stays until its last finalizer is removed, and takes no new one', async () => {
    await api.post(MAPS, configMap('kept', { finalizers: ['example.com/a', 'example.com/b'] }));
    const { json } = await api.delete(`${MAPS}/kept`);
    expect(json.metadata?.deletionTimestamp).toBeDefined();
    expect((await api.merge(`${MAPS}/kept`, { metadata: { finalizers: ['example.com/new'] } })).status).toBe(422);
    expect((await api.merge(`${MAPS}/kept`, { metadata: { finalizers: ['example.com/b'] } })).status).toBe(200);
    expect((await api.get(`${MAPS}/kept`)).status).toBe(200);
    await api.merge(`${MAPS}/kept`, { metadata: { finalizers: null } });
    expect((await api.get(`${MAPS}/kept`)).status).toBe(404);
  });

  test('is another one when the uid differs', async () => {
    await made('precise');
    const answer = await api.delete(`${MAPS}/precise`, { preconditions: { uid: 'other' } });
    expect(answer.json).toMatchObject({ code: 409, reason: 'Conflict' });
  });

  test('is still there after a dry run', async () => {
    await made('imagined');
    await api.delete(`${MAPS}/imagined?dryRun=All`);
    expect((await api.get(`${MAPS}/imagined`)).status).toBe(200);
  });
});

describe('a deleted pod', () => {
  test('goes at once when no node has it', async () => {
    await api.post(`${DEFAULT}/pods`, pod('unbound'));
    await api.delete(`${DEFAULT}/pods/unbound`);
    expect((await api.get(`${DEFAULT}/pods/unbound`)).status).toBe(404);
  });

  test('waits on its node until the kubelet lets it go', async () => {
    await api.post(`${DEFAULT}/pods`, pod('bound', { terminationGracePeriodSeconds: 7 }));
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: 'bound' },
      target: { kind: 'Node', name: 'n' },
    };
    expect((await api.post(`${DEFAULT}/pods/bound/binding`, binding)).status).toBe(201);
    expect((await api.post(`${DEFAULT}/pods/bound/binding`, binding)).json.message).toBe(
      'Operation cannot be fulfilled on pods "bound": pod bound is already assigned to node "n"',
    );
    const { json } = await api.delete(`${DEFAULT}/pods/bound`);
    expect(json.metadata).toMatchObject({ deletionGracePeriodSeconds: 7 });
    await api.delete(`${DEFAULT}/pods/bound?gracePeriodSeconds=0`);
    expect((await api.get(`${DEFAULT}/pods/bound`)).status).toBe(404);
  });
});

describe('dependents', () => {
  test('go with their owner, through all generations', async () => {
    const owner = await made('grandparent');
    const child = await api.post(MAPS, owned('parent', owner));
    await api.post(MAPS, owned('child', { name: 'parent', uid: String(child.json.metadata?.uid) }));
    await api.delete(`${MAPS}/grandparent`);
    await gone(MAPS, 'child');
    expect((await api.get(`${MAPS}/parent`)).status).toBe(404);
  });

  test('live on without their owner when it is deleted so', async () => {
    const owner = await made('leaves');
    await api.post(MAPS, owned('orphan', owner));
    await api.delete(`${MAPS}/leaves`, { propagationPolicy: 'Orphan' });
    await gone(MAPS, 'leaves');
    const orphan = await api.get(`${MAPS}/orphan`);
    expect(orphan.status).toBe(200);
    expect(orphan.json.metadata).not.toHaveProperty('ownerReferences');
  });

  test('go before their owner in the foreground', async () => {
    const owner = await made('last');
    await api.post(MAPS, {
      ...owned('first', owner, true),
      metadata: { ...owned('first', owner, true).metadata, finalizers: ['example.com/slow'] },
    });
    await api.delete(`${MAPS}/last`, { propagationPolicy: 'Foreground' });
    expect((await api.get(`${MAPS}/last`)).json.metadata?.finalizers).toEqual(['foregroundDeletion']);
    await api.merge(`${MAPS}/first`, { metadata: { finalizers: null } });
    await gone(MAPS, 'last');
    expect((await api.get(`${MAPS}/first`)).status).toBe(404);
  });

  test('of an owner that never was are not kept', async () => {
    await api.post(MAPS, owned('stray', { name: 'never', uid: '00000000-0000-4000-8000-000000000000' }));
    await gone(MAPS, 'stray');
    expect((await api.get(`${MAPS}/stray`)).status).toBe(404);
  });

  test('keep living while another owner does', async () => {
    const [one, two] = [await made('one-of-two'), await made('two-of-two')];
    const shared = owned('shared', one);
    shared.metadata.ownerReferences?.push({ apiVersion: 'v1', kind: 'ConfigMap', ...two });
    await api.post(MAPS, shared);
    const watching = await api.watch(`${MAPS}?watch=1&fieldSelector=metadata.name=shared`);
    await watching.next();
    await api.delete(`${MAPS}/one-of-two`);
    expect((await watching.next())?.object.metadata?.ownerReferences).toHaveLength(1);
    watching.close();
  });
});

describe('a namespace', () => {
  test('takes its contents with it and takes in nothing new meanwhile', async () => {
    await api.post('/api/v1/namespaces', { metadata: { name: 'leaving' } });
    const inside = '/api/v1/namespaces/leaving/configmaps';
    await api.post(inside, configMap('slow', { finalizers: ['example.com/slow'] }));
    await api.post(inside, configMap('quick'));
    const { json } = await api.delete('/api/v1/namespaces/leaving');
    expect(json.status?.phase).toBe('Terminating');
    const refused = await api.post(inside, configMap('late'));
    expect(refused.json).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'configmaps "late" is forbidden: unable to create new content in namespace leaving because it is being terminated',
    });
    await gone(inside, 'quick');
    await api.merge(`${inside}/slow`, { metadata: { finalizers: null } });
    await gone('/api/v1/namespaces', 'leaving');
    expect((await api.get('/api/v1/namespaces/leaving')).status).toBe(404);
  });

  test('that every server has may not be deleted', async () => {
    const { json } = await api.delete('/api/v1/namespaces/default');
    expect(json.message).toBe('namespaces "default" is forbidden: this namespace may not be deleted');
  });
});

test('a CustomResourceDefinition takes its objects with it', async () => {
  await api.post(CRDS, widgetDefinition);
  await api.post(WIDGETS, widget('doomed'));
  await api.delete(`${CRDS}/widgets.shop.example`);
  await gone(CRDS, 'widgets.shop.example');
  expect((await api.get(WIDGETS)).status).toBe(404);
  await api.post(CRDS, widgetDefinition);
  expect((await api.get(WIDGETS)).json.items).toEqual([]);
});

test('a collection is deleted by its selector', async () => {
  await api.post(MAPS, configMap('swept', { labels: { sweep: 'yes' } }));
  await api.post(MAPS, configMap('spared', { labels: { sweep: 'no' } }));
  await api.delete(`${MAPS}?labelSelector=sweep%3Dyes`);
  expect((await api.get(`${MAPS}/swept`)).status).toBe(404);
  expect((await api.get(`${MAPS}/spared`)).status).toBe(200);
});
