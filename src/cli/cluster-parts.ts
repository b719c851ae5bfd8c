/** The parts of a cluster's name, as Istio writes it: `outbound|PORT|SUBSET|HOST`. */

export type ClusterParts = { direction: string; port: string; subset: string; host: string };

/** A name of another form is a host. */
export function readClusterName(name: string): ClusterParts {
  const [direction = '', port = '', subset = '', host] = name.split('|');
  return host === undefined ? { direction: '', port: '', subset: '', host: name } : { direction, port, subset, host };
}
