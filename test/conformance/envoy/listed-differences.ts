/** Cases in which we answer otherwise than Envoy on purpose; the reasons at length are in docs/decisions/envoy-differences.md. */

export const LISTED_DIFFERENCES: Readonly<Record<string, string>> = {
  'cors-two-origin-headers': 'Repeated fields are forwarded as they came.',
  'cors-upstream-error': 'A request lost on a pooled connection is sent once more.',
  'rt-attempts-only': 'As cors-upstream-error.',
  'rt-refused-stream': 'As cors-upstream-error.',
  'rt-status-number': 'As cors-upstream-error.',
  'cp-pending-overflow': 'The queue of requests that wait for a connection is not limited yet.',
  'dr-add-header': 'Removing content-type from an answer of the proxy removes it.',
  'ho-bad-name': 'A rule that sets a field with an invalid name is refused when it is loaded.',
  'ho-remove-content-length': "Framing is the proxy's own: content-length cannot be removed.",
  'host-two-host-headers': 'Two Host fields are refused with 400.',
  'host-userinfo-and-odd': 'User information in Host, and what is no port behind its colon, are refused with 400.',
  'method-exact': 'A method that nobody knows gets 501.',
  'method-lower-case-config': 'As method-exact.',
  'method-unusual': 'TRACE and CONNECT get 405; other tokens in capitals are methods.',
  'rule-unknown-field': 'A misspelled condition refuses its VirtualService.',
  'rw-prefix-space-root': 'A rewrite to a path with blanks is refused when it is loaded.',
  'uri-dot-segments-forwarded': 'A path with an encoded NUL is refused with 400 and the text Bad Request.',
};
