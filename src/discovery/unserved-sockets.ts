/** Endpoints that are sockets in the file system: Istio reaches them, the bundled proxy does not, and says so. */

import type { TableIssue } from '../mesh/compile/table-issue.ts';
import type { MeshResources } from '../mesh/read-resources.ts';
import type { IstioMeta } from '../mesh/schema/envelope.ts';
import { isUnixSocket } from '../mesh/schema/unix-socket.ts';

export function unservedSockets({ ServiceEntry, WorkloadEntry }: MeshResources): TableIssue[] {
  return [
    ...ServiceEntry.flatMap(({ metadata, spec }) =>
      (spec.endpoints ?? []).flatMap(({ address }, index) =>
        issueOf('ServiceEntry', metadata, { address, path: `spec.endpoints[${index}].address` }),
      ),
    ),
    ...WorkloadEntry.flatMap(({ metadata, spec: { address } }) =>
      issueOf('WorkloadEntry', metadata, { address, path: 'spec.address' }),
    ),
  ];
}

function issueOf(
  kind: string,
  { name, namespace }: IstioMeta,
  { address = '', path }: { address?: string | undefined; path: string },
): TableIssue[] {
  if (!isUnixSocket(address)) return [];
  const message = `must be an IP address or a name to be reached through the bundled proxy: got ${address}, left out`;
  return [{ level: 'warning', code: 'SL0302', kind, name, namespace, path, message }];
}
