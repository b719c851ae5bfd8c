/**
 * Requests that we answer otherwise than Envoy on purpose; the reasons at length are in docs/decisions/envoy-differences.md. Keyed by
 * case and number of the request, so that anything else that changes in the same case is found.
 */

const NAMED_TWICE = 'Two Host fields are refused with 400.';
const STRANGE_HOST = 'User information in Host, and what is no port behind its colon, are refused with 400.';
const STALE = 'A request lost on a pooled connection is sent once more.';
const MISSPELLED = 'A misspelled condition refuses its VirtualService.';
const BLANK = 'A rewrite to a path with blanks is refused when it is loaded.';

const HOP_BY_HOP = 'Fields for one hop end there, also in answers.';
const NO_CONTENT = 'An answer 204 has no length.';
const LENGTH = "Framing is the proxy's own: no rule sets it.";

export const LISTED_DIFFERENCES: Readonly<Record<string, string>> = {
  'cors-two-origin-headers[0]': 'Repeated fields are forwarded as they came.',
  'cors-upstream-error[1]': STALE,
  'rt-attempts-only[2]': STALE,
  'rt-refused-stream[1]': STALE,
  'rt-status-number[2]': STALE,
  'ho-bad-name[0]': 'A rule that sets a field with an invalid name is refused when it is loaded.',
  'ho-remove-content-length[0]': "Framing is the proxy's own: content-length cannot be removed.",
  'host-two-host-headers[0]': NAMED_TWICE,
  'host-two-host-headers[1]': NAMED_TWICE,
  'host-userinfo-and-odd[0]': STRANGE_HOST,
  'host-userinfo-and-odd[1]': STRANGE_HOST,
  'n-dr-status-204[0]': NO_CONTENT,
  'n-dr-status-204[1]': NO_CONTENT,
  'n-ho-response-content-length[0]': LENGTH,
  'n-ho-response-fields[0]': HOP_BY_HOP,
  'n-host-names[9]': STRANGE_HOST,
  'n-host-names[15]': STRANGE_HOST,
  'n-host-names[24]': STRANGE_HOST,
  'n-host-names[25]': STRANGE_HOST,
  'n-uri-unknown-kind[0]': MISSPELLED,
  'n-uri-unknown-kind[1]': MISSPELLED,
  'method-unusual[3]': 'CONNECT is refused with 405.',
  'rule-unknown-field[0]': MISSPELLED,
  'rule-unknown-field[1]': MISSPELLED,
  'rw-prefix-space-root[0]': BLANK,
  'rw-prefix-space-root[1]': BLANK,
};

/** How a request is named in the list. */
export function requestName({ case: name, i }: { case: string; i: number }): string {
  return `${name}[${i}]`;
}
