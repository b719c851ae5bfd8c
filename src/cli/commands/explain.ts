/** `sluice explain`: what it may be asked. `main/` finds the table and carries it out. */

import type { Style } from '../../view/style.ts';
import type { ServerFlags } from '../server-choice.ts';

export type ExplainCommand = {
  /** Where the routes come from: manifests, the API server, or a proxy that runs. */
  source:
    | { kind: 'files'; path: string; role: 'sidecar' | 'gateway'; mesh?: string }
    | { kind: 'server'; flags: ServerFlags }
    | { kind: 'proxy'; adminUrl: string };
  host: string;
  path: string;
  method: string;
  headers: readonly (readonly [name: string, value: string])[];
  /** Port of the services on which the request comes; absent: whichever the host means. */
  port?: number;
  /** Of the caller. */
  labels: Readonly<Record<string, string>>;
  /** Of the caller; absent: callers of any namespace. */
  namespace?: string;
  output: 'text' | 'json' | 'yaml';
  style: Style;
};
