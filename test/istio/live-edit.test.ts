/** S12: the stages of a release, one edit of the file after the other, under load: no request fails. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  countBy,
  documents,
  instanceOf,
  type Mesh,
  PATIENCE_MS,
  type Reply,
  service,
  startMesh,
  subsets,
} from './mesh.ts';

const SERVICES = documents(service('shop', { v1: ['e1'], v2: ['e2'] }), subsets('shop', ['v1', 'v2']));

const to = (version: string, weight = 100) => `{ destination: { host: shop, subset: ${version} }, weight: ${weight} }`;

function stage(rules: string): string {
  return `apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: { name: shop }
spec:
  hosts: [shop]
  http:
${rules.replace(/^(?=.)/gm, '    ')}
`;
}

const SMOKE = stage(`- route: [${to('v1', 99)}, ${to('v2', 1)}]\n`);
const STAFF = stage(`- match: [{ headers: { x-staff: { exact: "yes" } } }]
  route: [${to('v2')}]
- route: [${to('v1', 90)}, ${to('v2', 10)}]
`);
const EVERYBODY = stage(`- route: [${to('v2')}]\n`);

let mesh: Mesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: SERVICES, host: 'shop' });
  await mesh.edit('shop.yaml', SMOKE);
}, PATIENCE_MS);
afterAll(() => mesh?.close());

const shares = async (headers = {}) => countBy(await mesh.askMany(200, () => ({ headers })), instanceOf);

test('1 %, then staff and 10 %, then everybody', async () => {
  const during: Reply[] = [];
  let isOver = false;
  const load = Promise.all(
    Array.from({ length: 5 }, async () => {
      while (!isOver) during.push(await mesh.ask({ headers: { 'x-load': 'yes', 'x-staff': 'yes' } }));
    }),
  );
  // The load takes turns of the same split, so that only what it does not take is exact: nothing here, the rule for staff later.
  const first = await shares();
  expect(first.e2 ?? 0).toBeLessThan(20);
  await mesh.edit('shop.yaml', STAFF);
  expect(await shares({ 'x-staff': 'yes' })).toEqual({ e2: 200 });
  expect(await shares()).toEqual({ e1: 180, e2: 20 });
  await mesh.edit('shop.yaml', EVERYBODY);
  expect(await shares()).toEqual({ e2: 200 });
  isOver = true;
  await load;
  expect(during.length).toBeGreaterThan(0);
  expect(countBy(during, ({ status }) => String(status))).toEqual({ 200: during.length });
});
