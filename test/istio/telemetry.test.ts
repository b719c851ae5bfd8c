/** S19: what Istio's metrics, access log and traces tell about a request, as MeshConfig asks for them. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type SpanCollector, startSpanCollector } from '../support/span-collector.ts';
import { documents, type Mesh, PATIENCE_MS, service, startMesh, subsets } from './mesh.ts';

const soon = { timeout: 20_000, interval: 50 };
const TRACE = '463ac35c9f6413ad48485a3953bb6124';
const CLUSTER = 'outbound|9080|v1|reviews.default.svc.cluster.local';
const TO_V1 = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews }
spec:
  hosts: [reviews]
  http:
    - name: to-v1
      route: [{ destination: { host: reviews, subset: v1 } }]
`;

let folder: string;
let collector: SpanCollector;
let mesh: Mesh;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-telemetry-'));
  collector = await startSpanCollector();
  const settings = {
    accessLogFile: join(folder, 'access.log'),
    enableTracing: true,
    defaultConfig: { tracing: { sampling: 100, zipkin: { address: new URL(collector.url).host } } },
  };
  await writeFile(join(folder, 'mesh.yaml'), JSON.stringify(settings));
  const caller = ['--labels', 'app=productpage,version=v1', '--namespace', 'default'];
  mesh = await startMesh({
    yaml: documents(service('reviews', { v1: ['e1'], v2: ['e2'] }), subsets('reviews', ['v1', 'v2']), TO_V1),
    args: ['--mesh', join(folder, 'mesh.yaml'), ...caller],
    host: 'reviews',
  });
}, PATIENCE_MS);
afterAll(async () => {
  await mesh?.close();
  await collector.close();
  await rm(folder, { recursive: true });
});

test('the service is told of the trace, and the collector of request and try', async () => {
  const headers = { 'x-b3-traceid': TRACE, 'x-b3-spanid': 'a2fb4a1d1a96d312', 'x-b3-sampled': '1' };
  const { received } = await mesh.ask({ path: '/reviews/1', headers });
  expect(received[0]?.headers).toContainEqual(['x-b3-traceid', TRACE]);
  await vi.waitFor(() => expect(collector.received).not.toEqual([]), soon);
  expect(collector.received[0]?.body).toMatchObject([
    { traceId: TRACE, name: `router ${CLUSTER} egress`, tags: { 'http.status_code': '200' } },
    {
      traceId: TRACE,
      parentId: 'a2fb4a1d1a96d312',
      name: 'reviews.default.svc.cluster.local:9080/*',
      localEndpoint: { serviceName: 'productpage.default' },
      tags: { 'istio.canonical_service': 'productpage', 'http.url': 'http://reviews/reviews/1' },
    },
  ]);
});

test("the access log has Istio's line", async () => {
  await mesh.ask({ path: '/logged', headers: { 'user-agent': 'browser', 'x-request-id': 'one' } });
  const line = new RegExp(
    String.raw`^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] "GET /logged HTTP/1\.1" 200 - via_upstream - "-" 0 \d+ \d+ \d+ ` +
      String.raw`"-" "browser" "one" "reviews" "127\.0\.0\.1:\d+" ${CLUSTER.replaceAll('|', '\\|')} 127\.0\.0\.1:\d+ ` +
      String.raw`127\.0\.0\.1:${mesh.port} 127\.0\.0\.1:\d+ - to-v1$`,
    'm',
  );
  await vi.waitFor(async () => expect(await readFile(join(folder, 'access.log'), 'utf8')).toMatch(line), soon);
});

test("metrics have Istio's names, labels and buckets", async () => {
  await mesh.ask({ path: '/' });
  const text = await mesh.admin('/stats/prometheus');
  const labels = ['source_app="productpage"', 'source_version="v1"', 'source_canonical_service="productpage"'];
  const destination = 'destination_service="reviews.default.svc.cluster.local"';
  const [line = ''] = text
    .split('\n')
    .filter((each) => each.startsWith('istio_requests_total') && each.includes('"200"'));
  for (const label of [...labels, destination, 'destination_service_name="reviews"', 'response_flags="-"']) {
    expect(line).toContain(label);
  }
  for (const name of ['istio_request_duration_milliseconds', 'istio_request_bytes', 'istio_response_bytes']) {
    const bounds = [...text.matchAll(new RegExp(`^${name}_bucket\\{.*"200".*,le="([^"]+)"\\}`, 'gm'))].map(
      ([, le]) => le,
    );
    expect(bounds.slice(0, 6)).toEqual(['0.5', '1', '5', '10', '25', '50']);
    expect(bounds).toContain('3600000');
    expect(bounds).toContain('+Inf');
  }
});
