/** Cases in which we answer otherwise than Envoy on purpose; the reasons at length are in docs/decisions/envoy-differences.md. */

export const LISTED_DIFFERENCES: Readonly<Record<string, string>> = {};
