/** Istio's WorkloadEntry (networking.istio.io), which is also what an endpoint of a ServiceEntry is (istio.md §7.2 and §11). */

import { isIP } from 'node:net';
import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';
import { type IstioObject, type ParsedIstio, parseIstio } from './envelope.ts';
import { isHostPattern } from './host-name.ts';
import { isUnixSocket, validateUnixSocket } from './unix-socket.ts';
import { validateLabels } from './validate-labels.ts';

export const workloadEntrySpecSchema = z.object({
  address: z.string().optional().describe('IP address, DNS name, or unix:///path'),
  ports: z.record(z.string(), z.number().int().min(1).max(65_535)).optional().describe('By name of the port'),
  labels: z.record(z.string(), z.string()).optional(),
  network: z.string().optional(),
  locality: z.string().optional().describe('region/zone/subzone'),
  weight: z.number().int().min(0).optional(),
  serviceAccount: z.string().optional(),
});

export type WorkloadEntrySpec = z.infer<typeof workloadEntrySpecSchema>;
/** With the labels of its metadata, which count as well. */
export type WorkloadEntry = IstioObject<WorkloadEntrySpec>;

/** Parses one WorkloadEntry; unknown fields are warnings. */
export function parseWorkloadEntry(object: unknown): ParsedIstio<WorkloadEntry> {
  const parsed = parseIstio(object, {
    schema: workloadEntrySpecSchema,
    kind: 'WorkloadEntry',
    validate: (spec) => [...missingAddress(spec), ...validateWorkload(spec, 'spec')],
    warn: ({ address = '' }) =>
      address === '' ? [{ path: 'spec.address', message: 'must be set: without it nothing is reached' }] : [],
    strictBelow: [],
  });
  if (!parsed.ok) return parsed;
  const { labels } = (object as { metadata: { labels?: Record<string, string> } }).metadata;
  const { metadata, spec } = parsed.value;
  return { ...parsed, value: { metadata, spec: { ...spec, labels: { ...spec.labels, ...labels } } } };
}

// Whoever names a network may leave the address to its gateway.
function missingAddress({ address = '', network = '' }: WorkloadEntrySpec): Issue[] {
  return address === '' && network === '' ? [{ path: 'spec.address', message: 'must be set: got nothing' }] : [];
}

/** What Istio says about address, ports and locality, wherever a workload is described. */
export function validateWorkload(
  { address = '', ports = {}, locality = '', labels }: WorkloadEntrySpec,
  path: string,
): Issue[] {
  const isSocket = isUnixSocket(address);
  const isName = address === '' || isIP(address) !== 0 || (!address.startsWith('*') && isHostPattern(address));
  return [
    ...validateUnixSocket(address, `${path}.address`),
    ...(isSocket && Object.keys(ports).length > 0
      ? [{ path: `${path}.ports`, message: 'must not be set for a socket in the file system' }]
      : []),
    ...(isSocket || isName
      ? []
      : [{ path: `${path}.address`, message: `must be an address or a DNS name: got ${address}` }]),
    ...Object.keys(ports)
      .filter((name) => !isDnsLabel(name))
      .map((name) => ({ path: `${path}.ports`, message: `must be by names of letters, digits and -: got ${name}` })),
    ...validateLabels(labels, `${path}.labels`),
    ...(locality.split('/').length > 3
      ? [{ path: `${path}.locality`, message: `must be region/zone/subzone: got ${locality}` }]
      : []),
  ];
}
