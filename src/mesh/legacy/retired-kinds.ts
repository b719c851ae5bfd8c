/** Kinds that Istio no longer has, or has in another API group (istio.md 1.6), and kinds that nothing here enforces. */

/** `GROUP/KIND` to what to write instead. */
export const RETIRED_KINDS: Readonly<Record<string, string>> = {
  'rbac.istio.io/ServiceRole': 'an AuthorizationPolicy of security.istio.io, with the rules of role and binding in one',
  'rbac.istio.io/ServiceRoleBinding':
    'an AuthorizationPolicy of security.istio.io, with the rules of role and binding in one',
  'rbac.istio.io/ClusterRbacConfig': 'an AuthorizationPolicy of security.istio.io in the root namespace',
  'rbac.istio.io/RbacConfig': 'an AuthorizationPolicy of security.istio.io in the root namespace',
  'config.istio.io/RouteRule':
    'a VirtualService: http rules in order instead of precedence, match.headers.cookie.regex, redirect { authority, scheme }',
  'config.istio.io/EgressRule': 'a ServiceEntry with location MESH_EXTERNAL',
  'config.istio.io/DestinationPolicy': 'a DestinationRule, with trafficPolicy and subsets',
  'authentication.istio.io/Policy': 'a PeerAuthentication and a RequestAuthentication of security.istio.io',
  'authentication.istio.io/MeshPolicy': 'a PeerAuthentication of security.istio.io in the root namespace',
};

/** Groups in which a kind was written by mistake or long ago, with the one where it belongs. */
export const MOVED_KINDS: Readonly<Record<string, string>> = {
  'security.istio.io/DestinationRule': 'networking.istio.io/v1',
  'security.istio.io/VirtualService': 'networking.istio.io/v1',
  'rbac.istio.io/AuthorizationPolicy': 'security.istio.io/v1',
};

/** Known kinds of Istio that the bundled proxy does not act on. */
export const UNENFORCED_KINDS: ReadonlySet<string> = new Set([
  'networking.istio.io/EnvoyFilter',
  'networking.istio.io/ProxyConfig',
  'networking.istio.io/WorkloadGroup',
  'security.istio.io/AuthorizationPolicy',
  'security.istio.io/PeerAuthentication',
  'security.istio.io/RequestAuthentication',
  'telemetry.istio.io/Telemetry',
  'extensions.istio.io/WasmPlugin',
  'extensions.istio.io/TrafficExtension',
]);
