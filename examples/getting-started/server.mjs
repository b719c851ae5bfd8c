// The small HTTP service of the getting-started story. It answers with its version; with FAIL_PERCENT set it answers that
// share of requests with 500, chosen by the request's id, so that every run of a bad release fails the same requests.
//
//   PORT             where to listen (Sluice sets it)
//   VERSION          what to call this release
//   FAIL_PERCENT     0 to 100: share of requests that fail
//   START_DELAY_MS   how long to be "not ready" after the start
//   REQUEST_LEDGER   a folder: one line per request goes to a file there, for counting that nothing is lost

import { appendFileSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const version = process.env.VERSION ?? 'v1';
const failPercent = Number(process.env.FAIL_PERCENT ?? 0);
const readyAt = Date.now() + Number(process.env.START_DELAY_MS ?? 0);
const ledgerFolder = process.env.REQUEST_LEDGER;
const ledgerFile = ledgerFolder && join(ledgerFolder, `service-${version}-${process.pid}.ndjson`);
if (ledgerFolder) mkdirSync(ledgerFolder, { recursive: true });

/** FNV-1a: the same request id fails in every run. */
function percentileOf(id) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) >>> 0;
  return hash % 100;
}

const server = createServer((request, response) => {
  if (request.url === '/healthz') {
    response.writeHead(Date.now() < readyAt ? 503 : 200).end();
    return;
  }
  const id = request.headers['x-request-id'] ?? '';
  const status = percentileOf(id) < failPercent ? 500 : 200;
  if (ledgerFile) appendFileSync(ledgerFile, `${JSON.stringify({ id, version, status, at: Date.now() })}\n`);
  request.resume();
  request.on('end', () => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-version': version });
    response.end(`${JSON.stringify({ message: `Hello from ${version}`, id })}\n`);
  });
});

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  process.stdout.write(`hello ${version} listens on port ${server.address().port}\n`);
});
process.on('SIGTERM', () => server.close(() => process.exit(0)));
