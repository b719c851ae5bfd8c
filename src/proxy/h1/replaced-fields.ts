/** Which fields of a request are never sent on as they came, and how a field is marked for that. */

/** Mark of a field that is not sent on as it is: hop-by-hop, replaced by ours, or not to be trusted. */
export const DROPPED = 1;

/** Mark of a field that concerns this hop only: it is neither sent on nor seen by conditions. */
export const HOP = 2;

/** Fields that concern one hop (RFC 9110 §7.6.1), besides those that Connection names. */
export const HOP_FIELDS: ReadonlySet<string> = new Set([
  'keep-alive',
  'proxy-connection',
  'trailer',
  'upgrade',
  'http2-settings',
]);

/** What Envoy sets itself, and `proxy` (RFC 3875 §4.1.18 reads it as HTTP_PROXY). */
export const REPLACED_FIELDS: ReadonlySet<string> = new Set([
  'te',
  'proxy',
  'x-forwarded-proto',
  'x-envoy-internal',
  'x-envoy-retry-on',
  'x-envoy-max-retries',
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-retry-grpc-on',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-attempt-count',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-external-address',
]);
