/**
 * The annotation by which whoever runs a Pod as a local process says where its container ports really listen, as JSON:
 * `{"8080":"127.0.0.1:41234"}`. The kubelet writes it; discovery and the metrics store read it.
 */
export const LISTEN_ANNOTATION = 'platform.sluice.dev/listen';
