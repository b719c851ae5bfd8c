// The services of Bookinfo, Istio's well-known example, small enough to read: a page that shows a book's details and its reviews,
// which in two of three versions have stars. They call each other through the proxy, by Host, as they would through sidecars.
//
//   node examples/bookinfo/server.mjs            one service: SERVICE, VERSION and PORT say which, and where it listens
//   node examples/bookinfo/server.mjs all        all of them in one process, from FIRST_PORT on (9181; 0 takes free ones)
//
//   MESH             where the proxy listens, http://127.0.0.1:8080 unless told otherwise
//
// One line per request on standard output, so that a copy for a mirror is seen, too.

import { createServer, request } from 'node:http';

const mesh = new URL(process.env.MESH ?? 'http://127.0.0.1:8080');

/** What a service passes on, so that rules about the user and traces reach to the end. */
const PASSED_ON = [
  'end-user',
  'x-request-id',
  'traceparent',
  'tracestate',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-sampled',
];

const REVIEWS_PATIENCE_MS = 3_000;
const RATINGS_PATIENCE_MS = 10_000;

const SERVICES = {
  async productpage(_version, headers) {
    const [details, reviews] = await Promise.all([
      call('details', '/details/0', headers).catch(() => undefined),
      twice(() => call('reviews', '/reviews/0', headers, REVIEWS_PATIENCE_MS)).catch(() => undefined),
    ]);
    return {
      details: details ?? { error: 'Sorry, product details are currently unavailable for this book.' },
      reviews: reviews ?? { error: 'Sorry, product reviews are currently unavailable for this book.' },
    };
  },
  async details() {
    return { title: 'The Comedy of Errors', author: 'William Shakespeare', pages: 200 };
  },
  async reviews(version, headers) {
    const stars = { v2: 'black', v3: 'red' }[version];
    if (stars === undefined) return { version };
    const ratings = await call('ratings', '/ratings/0', headers, RATINGS_PATIENCE_MS).catch(() => undefined);
    return { version, stars, ratings: ratings ?? { error: 'Ratings service is currently unavailable' } };
  },
  async ratings() {
    return { first: 5, second: 4 };
  },
};

/** The page tries its reviews once more, which is how seven seconds of delay become six of waiting. */
function twice(act) {
  return act().catch(act);
}

function call(service, path, headers, patienceMs) {
  return new Promise((resolve, reject) => {
    const passed = Object.fromEntries(PASSED_ON.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])));
    const options = { host: mesh.hostname, port: mesh.port, path, headers: { ...passed, host: `${service}:9080` } };
    const outgoing = request(options, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      if (answer.statusCode === 200) resolve(JSON.parse(text));
      else reject(new Error(`${service} answered ${answer.statusCode}`));
    });
    if (patienceMs !== undefined)
      outgoing.setTimeout(patienceMs, () => outgoing.destroy(new Error(`${service} is too slow`)));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function start(service, version, port) {
  const server = createServer(async ({ method, url, headers }, response) => {
    if (url === '/healthz') return response.writeHead(200).end();
    process.stdout.write(`${service} ${version} ${method} ${url} ${headers['end-user'] ?? '-'}\n`);
    const answer = await SERVICES[service](version, headers);
    response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(answer)}\n`);
  });
  server.listen(port, '127.0.0.1', () =>
    process.stdout.write(`${service} ${version} listens on ${server.address().port}\n`),
  );
  return server;
}

const ALL = [
  ['productpage', 'v1'],
  ['details', 'v1'],
  ['reviews', 'v1'],
  ['reviews', 'v2'],
  ['reviews', 'v3'],
  ['ratings', 'v1'],
];
const firstPort = Number(process.env.FIRST_PORT ?? 9181);
const servers =
  process.argv[2] === 'all'
    ? ALL.map(([service, version], index) => start(service, version, firstPort === 0 ? 0 : firstPort + index))
    : [start(process.env.SERVICE ?? 'productpage', process.env.VERSION ?? 'v1', Number(process.env.PORT ?? 9080))];

process.once('SIGTERM', () => {
  for (const server of servers) server.close(() => server.closeIdleConnections());
});
