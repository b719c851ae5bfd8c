/**
 * Asks a Prometheus for one number, through prometheus-query. The driver rejects with plain objects that carry the whole HTTP
 * exchange, reads `+Inf` as NaN and knows neither signals nor size limits; this adapter keeps all of that inside.
 */

import { Agent as HttpsAgent } from 'node:https';
import { PrometheusDriver } from 'prometheus-query';
import type { Clock } from '../lib/clock.ts';
import type { MetricProvider } from './metric-provider.ts';
import { readPrometheusAnswer } from './prometheus-answer.ts';
import { reasonOfDriverError } from './prometheus-failure.ts';
import type { Sample } from './verdict.ts';

export type PrometheusProviderOptions = {
  /** Root of the server, with a path if it has one: `http://127.0.0.1:9090`. */
  address: string;
  clock: Clock;
  headers?: Readonly<Record<string, string>>;
  /** Sent as `authorization: Bearer`, never shown. */
  token?: string;
  basicAuth?: { username: string; password: string };
  insecureSkipVerify?: boolean;
  /** Deadline of one query; 5 s unless stated. */
  timeoutMs?: number;
  /** Longest answer, 1 MiB unless stated: one number needs no more. */
  answerBytesMax?: number;
};

/** One query per call, no retries: the next round of the analysis is the retry. */
export function createPrometheusProvider(options: PrometheusProviderOptions): MetricProvider {
  const { clock, timeoutMs = 5_000 } = options;
  return {
    async query(promql, signal) {
      const deadline = new AbortController();
      const cancel = clock.after(timeoutMs, () => deadline.abort());
      try {
        return await ask(options, promql, AbortSignal.any([signal, deadline.signal]));
      } catch (thrown) {
        const timedOut = deadline.signal.aborted && !signal.aborted;
        const reason = timedOut ? `no answer within ${timeoutMs} ms` : reasonOfDriverError(thrown);
        return { kind: 'unreachable', reason: `The metrics server did not answer: ${hideSecrets(reason, options)}` };
      } finally {
        cancel();
      }
    },
  };
}

async function ask(options: PrometheusProviderOptions, promql: string, signal: AbortSignal): Promise<Sample> {
  const { address, clock, headers, token, basicAuth, insecureSkipVerify, answerBytesMax = 1 << 20 } = options;
  const at = clock.now();
  let answer: unknown;
  const driver = new PrometheusDriver({
    endpoint: address,
    headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    ...(basicAuth !== undefined && { auth: basicAuth }),
    requestInterceptor: {
      onFulfilled: (config) => {
        if (insecureSkipVerify === true) config.httpsAgent = new HttpsAgent({ rejectUnauthorized: false });
        // The environment's HTTP proxy cannot reach this machine's loopback.
        if (isLoopback(address)) config.proxy = false;
        // A redirect could carry the credentials to another host.
        return Object.assign(config, { signal, maxContentLength: answerBytesMax, maxRedirects: 0 });
      },
    },
    responseInterceptor: {
      onFulfilled: (response) => {
        answer = response.data;
        // The driver parses numbers leniently, so it gets to see an empty vector and the answer is read here.
        return { ...response, data: { status: 'success', data: { resultType: 'vector', result: [] } } };
      },
    },
  });
  await driver.instantQuery(promql, at);
  return readPrometheusAnswer(answer, at);
}

function isLoopback(address: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
}

function hideSecrets(text: string, { token, basicAuth, headers = {} }: PrometheusProviderOptions): string {
  const secrets = [token, basicAuth?.password, ...Object.values(headers)].filter((secret) => secret !== undefined);
  return secrets
    .filter((secret) => secret.length > 0)
    .reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text)
    .slice(0, 500);
}
