/** What the processes of one machine tell each other over their IPC channels. */

/** To control, as its first message: everything it needs to know. */
export type ControlConfig = {
  dataDir: string;
  /** Folder against which relative commands of pods are resolved. */
  workDir: string;
  manifests?: string;
  adminPort: number;
  prometheus?: string;
  /** Kubeconfig of an API server that runs elsewhere, with controllers of its own. */
  apiServer?: string;
  /** Everything that pods inherit. */
  baseEnv: Readonly<Record<string, string>>;
  logLevel: string;
};

export type FromControl =
  | { type: 'ready'; kubeconfigPath: string; apiUrl: string; metricsUrl: string }
  | { type: 'report'; text: string }
  | { type: 'failed'; code?: string; message: string };

/** From `up` to whoever started it as a child process (the demo, tests). */
export type FromUp =
  | { type: 'ready'; kubeconfigPath: string; apiUrl: string; httpUrl: string; adminUrl: string; metricsUrl: string }
  | { type: 'report'; text: string };
