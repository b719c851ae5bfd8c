/** `sluice proxy`: what it may be told. `main/` carries it out. */

export type ProxyPort = {
  /** 0 takes a free one. */
  port: number;
  /** The port of the services that callers mean; absent: whichever Host means. */
  servicePort?: number;
};

/** To whom spans are sent. */
export type TracingChoice = {
  provider: 'otlp' | 'zipkin';
  /** URL of the collector. */
  endpoint: string;
  /** Of requests about which nobody has decided. */
  samplingPercent: number;
};

export type ProxyCommand = {
  /** Folder of manifests to serve and to keep watching. */
  manifests: string;
  host: string;
  /** None: 8080 for every service; as a gateway, the ports of the Gateways. */
  ports: readonly ProxyPort[];
  adminPort: number;
  workers: number;
  /** `sidecar` stands beside one caller, `gateway` serves strangers by the Gateways that select it. */
  role: 'sidecar' | 'gateway';
  /** Of the caller beside whom the proxy stands, or of the gateway. */
  labels: Readonly<Record<string, string>>;
  namespace: string;
  /** `region/zone/subzone` where the caller runs; absent: unknown. */
  locality?: string;
  strict: boolean;
  /** A file with Istio's MeshConfig. */
  mesh?: string;
  /** Who is asked for names, as address or address:port; absent: whoever this machine asks. */
  dnsServer?: string;
  /** A file, `stdout` or `off`; absent: as the mesh settings say. */
  accessLog?: string | undefined;
  /** `json`, `text`, or text with Envoy's commands. */
  accessLogFormat?: string | undefined;
  /** MiB after which a new file is begun; 0: never. */
  accessLogSize: number;
  /** Absent: as the mesh settings say. */
  tracing?: TracingChoice | undefined;
};
