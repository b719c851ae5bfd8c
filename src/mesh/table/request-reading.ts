/** How a proxy reads requests before it looks for a route: settings of the mesh, the same for every route. */

/** What is made of a path (istio.md 8.4); `BASE` is the default. */
export type PathNormalization = 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';

export type RequestReading = {
  /** The form in which paths are matched and forwarded. */
  paths: PathNormalization;
};

/** Istio's, where nobody says otherwise. */
export const DEFAULT_READING: RequestReading = { paths: 'BASE' };
