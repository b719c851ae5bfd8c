/**
 * Puts request cases through a running proxy and judges each by the oracles of reliability.md 1.2: what the client sees (O1),
 * a strict parser behind the proxy (O2), no smuggled request (O3), as many requests as answers (O4), the next request on the
 * same and on a new connection (O5), and one form upstream whatever the delivery, which is also its own (O7).
 */

import type { RequestCase } from '../conformance/http/request-case.ts';
import { type Delivery, exchange, exchangeBytes } from './exchange.ts';
import type { RecordingUpstream } from './upstream-saying.ts';

export type Programme = { httpPort: number; upstream: RecordingUpstream };

const DELIVERIES: readonly Delivery[] = ['whole', 'byLine', 'bytewise'];

/** What we add ourselves can push a larger head over the limits. */
const FED_BACK_MOST = { bytes: 50 * 1_024, fields: 90 };

/**
 * @param bytewiseMost cases with more bytes than this are not delivered byte by byte
 * @returns what the service got as whole requests, and what is wrong, in words; empty when nothing is
 */
export async function judgeRequestCase(
  programme: Programme,
  row: RequestCase,
  { bytewiseMost }: { bytewiseMost: number },
): Promise<{ forwarded: string[]; complaints: string[] }> {
  const complaints: string[] = [];
  let first: string[] | undefined;
  for (const delivery of DELIVERIES) {
    if (delivery === 'bytewise' && row.bytes.length > bytewiseMost) continue;
    const { forwarded, found } = await deliver(programme, row, delivery);
    complaints.push(...found.map((complaint) => `${delivery}: ${complaint}`));
    first ??= forwarded;
    if (forwarded.join('\n') !== first.join('\n')) complaints.push(`${delivery}: other bytes upstream than whole`);
  }
  const forwarded = first ?? [];
  for (const request of forwarded) {
    const fits = request.length <= FED_BACK_MOST.bytes && request.split('\r\n').length <= FED_BACK_MOST.fields;
    if (fits) complaints.push(...(await judgeFixpoint(programme, request)));
  }
  return { forwarded, complaints };
}

async function deliver({ httpPort, upstream }: Programme, row: RequestCase, delivery: Delivery) {
  upstream.requests.length = 0;
  upstream.errors.length = 0;
  const found: string[] = [];
  const probe = probeOf(`same-${row.id}`);
  const staysOpen = row.closes ? {} : { until: answersOrClose(row.answers), followUp: probe };
  const seen = await exchangeBytes(httpPort, row.bytes, { delivery, ...staysOpen });
  const hasProbe = !row.closes && seen.text.includes(idOf(`same-${row.id}`));
  const statuses = [...seen.text.matchAll(/HTTP\/1\.1 ([2-5]\d\d) /g)].map(([, status]) => Number(status));
  if (hasProbe) statuses.pop();
  if (!row.allows(statuses)) found.push(`O1 the client saw ${statuses.join() || 'nothing'}`);
  if (!seen.closed) found.push('O1 the connection stayed open');
  found.push(...upstream.errors.map((error) => `O2 ${error}`));
  const requests = upstream.requests.filter(({ line }) => !line.includes('/probe'));
  const forwarded = requests.map(({ raw }) => withoutIds(raw));
  for (const pattern of row.never) {
    if (forwarded.some((request) => pattern.test(request))) found.push(`O3 the service got ${pattern}`);
  }
  if (row.must !== undefined && !forwarded.some((request) => row.must?.test(request))) {
    found.push(`O3 no request has ${row.must}: ${shown(forwarded)}`);
  }
  const answered = [...seen.text.matchAll(/x-served-by: up\r\n/g)].length - (hasProbe ? 1 : 0);
  if (requests.length !== answered) found.push(`O4 ${requests.length} requests served, ${answered} answers delivered`);
  const stayedOpen = !row.closes && !/connection: close\r\n/.test(seen.text.split('x-served-by')[0] ?? '');
  if (stayedOpen && !hasProbe) found.push('O5 no answer to the next request of the connection');
  const next = await exchangeBytes(httpPort, probeOf(`next-${row.id}`));
  if (!next.text.includes(idOf(`next-${row.id}`))) found.push('O5 no answer to the next client');
  return { forwarded, found };
}

/** Feeding back what was sent on must change nothing but the list of whom it came through. */
async function judgeFixpoint({ httpPort, upstream }: Programme, request: string): Promise<string[]> {
  upstream.requests.length = 0;
  await exchange(httpPort, [request], /x-served-by: up\r\n[\s\S]*\r\n\r\n/);
  const again = upstream.requests.map(({ raw }) => withoutIds(raw));
  return again.join('') === request ? [] : [`O7 ${shown([request])} fed back became ${shown(again)}`];
}

function probeOf(name: string): Buffer {
  return Buffer.from(
    `GET /probe HTTP/1.1\r\nhost: a.test\r\nx-request-id: ${nameOf(name)}\r\nconnection: close\r\n\r\n`,
  );
}

function idOf(name: string): string {
  return `x-echo-id: ${nameOf(name)}\r\n`;
}

function nameOf(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9-]/g, '-');
}

function answersOrClose(count: number): RegExp {
  return new RegExp(`(?:HTTP/1\\.1 [2-5]\\d\\d [\\s\\S]*?\\r\\n\\r\\n[\\s\\S]*?){${count}}`);
}

// Request ids are drawn anew for every delivery, and the list of callers grows with every hop.
function withoutIds(raw: string): string {
  const headEnd = raw.indexOf('\r\n\r\n') + 2;
  const head = raw
    .slice(0, headEnd)
    .replace(/\r\nx-request-id: [^\r]*/, '\r\nx-request-id: id')
    .replace(/\r\nx-forwarded-for: [^\r]*/, '\r\nx-forwarded-for: caller');
  return head + raw.slice(headEnd);
}

function shown(requests: readonly string[]): string {
  return requests.map((request) => JSON.stringify(request).slice(0, 300)).join(' and ');
}
