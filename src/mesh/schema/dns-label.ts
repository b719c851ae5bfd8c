/** DNS labels (RFC 1123 §2.1) as Istio's validation has them, which takes capitals as well: names of namespaces and Gateways. */

export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i.test(text);
}
