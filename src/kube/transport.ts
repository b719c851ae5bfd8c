/**
 * Requests to one API server over kept-alive connections. client-node opens a connection per request (measured: 6 times the
 * time), so the dispatcher here is one per server and TLS material, made anew only when a client certificate was rotated.
 */

import { createHash } from 'node:crypto';
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import { type Clock, delay } from '../lib/clock.ts';
import type { CredentialSource, TlsMaterial } from './credentials.ts';
import type { RawRequest, RawResponse } from './kube-client.ts';
import { retryAfterMs, unreachableError } from './status-error.ts';

export type Transport = {
  /** One answer, whatever its status; waits and repeats where the server asks for it. */
  send(request: RawRequest): Promise<RawResponse>;
  /** The body of a GET as it arrives; `status` is at hand before the first chunk. */
  open(path: string, signal: AbortSignal): Promise<OpenedStream>;
  close(): Promise<void>;
};

export type OpenedStream = { status: number; headers: Record<string, string>; body: AsyncIterable<Uint8Array> };

export type TransportOptions = {
  credentials: CredentialSource;
  userAgent: string;
  clock: Clock;
  random: () => number;
  /** How long the head of an answer, and each further piece of its body, may take, in milliseconds. */
  answerPatienceMs?: number;
};

const ANSWER_PATIENCE_MS = 35_000;
/** A server that asks for more patience than this is a failure of the request, and the caller's to wait for. */
const WAIT_MS_MAX = 30_000;
const REPEATS_MAX = 4;
const CONNECT_PATIENCE_MS = 10_000;
/** Streams may be silent for as long as they like; who reads a watch knows how long is too long. */
const NO_TIMEOUT = 0;

/** Opens no connection yet. */
export function createTransport(options: TransportOptions): Transport {
  const { credentials, userAgent, clock, random, answerPatienceMs = ANSWER_PATIENCE_MS } = options;
  const { server } = credentials.target;
  const dispatchers = createDispatchers(credentials.proxyUrl);

  const dispatch = async (
    asked: RawRequest,
    { how, bodyTimeout }: { how?: 'fresh' | undefined; bodyTimeout: number },
  ) => {
    const { method, path, body, headers, signal } = asked;
    const { headers: authentication, tls } = await credentials.read(how);
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    try {
      return await request(`${server}${path}`, {
        method: method as Dispatcher.HttpMethod,
        dispatcher: dispatchers.of(tls),
        headers: {
          accept: 'application/json',
          'user-agent': userAgent,
          ...(text === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
          ...authentication,
        },
        body: text ?? null,
        signal: signal ?? null,
        headersTimeout: answerPatienceMs,
        bodyTimeout,
      });
    } catch (thrown) {
      throw signal?.aborted ? signal.reason : unreachableError(server, thrown);
    }
  };

  const once = async (asked: RawRequest, how?: 'fresh'): Promise<RawResponse> => {
    const { statusCode, headers, body } = await dispatch(asked, { how, bodyTimeout: answerPatienceMs });
    try {
      return { status: statusCode, headers: flat(headers), text: await body.text() };
    } catch (thrown) {
      throw asked.signal?.aborted ? asked.signal.reason : unreachableError(server, thrown);
    }
  };

  return {
    async send(asked) {
      let answer = await withOneRepeat(asked, once);
      if (answer.status === 401) answer = await once(asked, 'fresh');
      for (let repeat = 0; repeat < REPEATS_MAX && mayRepeat(asked, answer); repeat++) {
        const waitMs = retryAfterMs(answer.headers) ?? 1_000;
        if (WAIT_MS_MAX < waitMs) break;
        // Up to a tenth later than asked for, so that many clients do not come back as one.
        await delay(clock, waitMs * (1 + random() / 10), asked.signal);
        answer = await once(asked);
      }
      return answer;
    },
    async open(path, signal) {
      const { statusCode, headers, body } = await dispatch(
        { method: 'GET', path, signal },
        { bodyTimeout: NO_TIMEOUT },
      );
      return { status: statusCode, headers: flat(headers), body };
    },
    close: () => dispatchers.close(),
  };
}

/** A kept-alive connection may have been closed by the server as we wrote: a GET is safe to send again, once. */
async function withOneRepeat(
  asked: RawRequest,
  once: (asked: RawRequest) => Promise<RawResponse>,
): Promise<RawResponse> {
  try {
    return await once(asked);
  } catch (thrown) {
    const code = (thrown as { cause?: { code?: string } } | undefined)?.cause?.code ?? '';
    if (asked.method !== 'GET' || !['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(code)) throw thrown;
    return once(asked);
  }
}

/** 429 says that nothing was done, so any request may come again; 503 says that only to those that change nothing. */
function mayRepeat({ method }: RawRequest, { status, headers }: RawResponse): boolean {
  return status === 429 || (status === 503 && method === 'GET' && retryAfterMs(headers) !== undefined);
}

function createDispatchers(proxyUrl: string | undefined): { of(tls: TlsMaterial): Dispatcher; close(): Promise<void> } {
  let current: { key: string; dispatcher: Dispatcher } | undefined;
  const all = new Set<Dispatcher>();
  /** Lets what is under way end, and then gives the connections back. */
  const retire = (dispatcher: Dispatcher): void => {
    dispatcher.close().then(
      () => all.delete(dispatcher),
      () => {},
    );
  };
  return {
    of(tls) {
      const key = fingerprint(tls);
      if (current?.key === key) return current.dispatcher;
      if (current !== undefined) retire(current.dispatcher);
      current = { key, dispatcher: createDispatcher(tls, proxyUrl) };
      all.add(current.dispatcher);
      return current.dispatcher;
    },
    async close() {
      await Promise.all([...all].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function createDispatcher(tls: TlsMaterial, proxyUrl: string | undefined): Dispatcher {
  const connect = { ...tls, timeout: CONNECT_PATIENCE_MS, keepAlive: true, keepAliveInitialDelay: 30_000 };
  // HTTP/1.1: a watch of its own connection cannot stall the requests of another.
  if (proxyUrl === undefined) return new Agent({ connect: connect as object, allowH2: false });
  return new ProxyAgent({ uri: proxyUrl, requestTls: connect as object, allowH2: false });
}

function fingerprint(tls: TlsMaterial): string {
  const hash = createHash('sha256');
  for (const value of Object.values(tls)) hash.update(`${String(value)}\0`);
  return hash.digest('hex');
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
