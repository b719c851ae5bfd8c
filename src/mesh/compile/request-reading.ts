/** From MeshConfig to how a proxy reads requests. */

import type { MeshSettings } from '../schema/mesh-config.ts';
import { DEFAULT_READING, type RequestReading } from '../table/request-reading.ts';

/** Without TLS only one of the ways to treat x-forwarded-client-cert keeps it: the caller has shown no certificate. */
const KEEPS_CLIENT_CERT = 'ALWAYS_FORWARD_ONLY';

export function requestReading({ pathNormalization, defaultConfig }: MeshSettings): RequestReading {
  const { normalization = 'DEFAULT' } = pathNormalization ?? {};
  const { numTrustedProxies, forwardClientCertDetails } = defaultConfig?.gatewayTopology ?? {};
  return {
    paths: normalization === 'DEFAULT' ? DEFAULT_READING.paths : normalization,
    trustedProxies: numTrustedProxies ?? DEFAULT_READING.trustedProxies,
    forwardsClientCert: forwardClientCertDetails === KEEPS_CLIENT_CERT,
  };
}
