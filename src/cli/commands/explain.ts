/** `sluice explain`: what it may be asked. `main/` carries it out. */

export type ExplainCommand = {
  manifests: string;
  host: string;
  path: string;
  method: string;
  headers: readonly (readonly [name: string, value: string])[];
  /** Port of the services on which the request comes; absent: whichever the host means. */
  port?: number;
  labels: Readonly<Record<string, string>>;
  namespace: string;
};
