/** How a proxy reads requests before it looks for a route: settings of the mesh, the same for every route. */

/** What is made of a path (istio.md 8.4); `BASE` is the default. */
export type PathNormalization = 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';

export type RequestReading = {
  /** The form in which paths are matched and forwarded. */
  paths: PathNormalization;
  /** Proxies of ours before a gateway, who say whose request it is (istio.md 6). */
  trustedProxies: number;
  /** Whether what a caller says about a client's certificate is passed on, although nobody here has seen one. */
  forwardsClientCert: boolean;
};

/** Istio's, where nobody says otherwise. */
export const DEFAULT_READING: RequestReading = { paths: 'BASE', trustedProxies: 0, forwardsClientCert: false };
