/**
 * Commands about TLS, which say nothing about connections without it: in Envoy an operation whose value is empty then does nothing,
 * and so it is here.
 */

const ABOUT_PEER =
  'FINGERPRINT_256 FINGERPRINT_1 SERIAL ISSUER SUBJECT URI_SAN DNS_SAN IP_SAN EMAIL_SAN OTHERNAME_SAN CERT';
const ABOUT_SESSION = 'TLS_SESSION_ID TLS_CIPHER TLS_VERSION LOCAL_SUBJECT LOCAL_URI_SAN LOCAL_DNS_SAN';
const TIMES = 'PEER_CERT_V_START PEER_CERT_V_END';

const named = (side: string, names: string) => names.split(' ').map((name) => `${side}_${name}`);
const aboutPeer = (side: string) => named(`${side}_PEER`, ABOUT_PEER);

export const TLS_COMMANDS: readonly string[] = [
  ...['DOWNSTREAM', 'UPSTREAM'].flatMap((side) => [...named(side, ABOUT_SESSION), ...aboutPeer(side)]),
  'DOWNSTREAM_TRANSPORT_FAILURE_REASON',
  'UPSTREAM_TRANSPORT_FAILURE_REASON',
  'REQUESTED_SERVER_NAME',
];

/** They may have a format of times. */
export const TLS_TIME_COMMANDS: readonly string[] = ['DOWNSTREAM', 'UPSTREAM'].flatMap((side) => named(side, TIMES));
