/** `sluice up`: what it may be told. `main/` carries it out. */

import type { TracingChoice } from './proxy.ts';

export type UpCommand = {
  /** Folder of manifests to apply and to keep watching. */
  manifests?: string;
  dataDir: string;
  httpPort: number;
  adminPort: number;
  workers: number;
  /** Use this API server, with its own controllers, instead of the embedded one; this machine is one of its nodes. */
  apiServer?: string;
  /** Query this server instead of the embedded store. */
  prometheus?: string;
  /** `off`, or a file. */
  accessLog: string;
  /** `json`, `text`, or text with Envoy's commands. */
  accessLogFormat: string;
  /** MiB after which a new file is begun; 0: never. */
  accessLogSize: number;
  tracing?: TracingChoice | undefined;
  /** Environment of every pod, besides what its manifest says. */
  podEnv: Readonly<Record<string, string>>;
  logLevel: string;
};
