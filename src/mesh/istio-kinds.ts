/** The Istio kinds that this project reads and writes, described for CRDs, clients and parsers. */

import { z } from 'zod';
import type { ResourceType } from '../lib/resource.ts';
import { destinationRuleSpecSchema } from './schema/destination-rule.ts';
import { gatewaySpecSchema } from './schema/gateway.ts';
import { serviceEntrySpecSchema } from './schema/service-entry.ts';
import { sidecarSpecSchema } from './schema/sidecar.ts';
import { virtualServiceSpecSchema } from './schema/virtual-service.ts';
import { workloadEntrySpecSchema } from './schema/workload-entry.ts';

/** A printer column of `kubectl get`. */
export type IstioColumn = { name: string; type: 'string' | 'date'; jsonPath: string; description: string };

export type IstioKind = {
  /** All served versions, which share one schema; the first is stored. */
  type: readonly ResourceType[];
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  /** Of `spec`. */
  schema: z.ZodType;
  /** Of `status`, a subresource. */
  status: z.ZodType;
  columns: readonly IstioColumn[];
};

const GROUP = 'networking.istio.io';
const VERSIONS = ['v1', 'v1beta1', 'v1alpha3'] as const;

const istio = (kind: string, plural: string): ResourceType => ({
  group: GROUP,
  version: 'v1beta1',
  kind,
  plural,
  namespaced: true,
});

// Written and watched in v1beta1, which every supported Istio serves.
export const VIRTUAL_SERVICE = istio('VirtualService', 'virtualservices');
export const DESTINATION_RULE = istio('DestinationRule', 'destinationrules');
export const SERVICE_ENTRY = istio('ServiceEntry', 'serviceentries');
export const WORKLOAD_ENTRY = istio('WorkloadEntry', 'workloadentries');
export const GATEWAY = istio('Gateway', 'gateways');
export const SIDECAR = istio('Sidecar', 'sidecars');

const statusSchema = z.looseObject({
  conditions: z.array(z.looseObject({})).optional(),
  observedGeneration: z.number().int().optional().describe('Generation that all live proxies serve'),
  tableVersion: z.number().int().optional().describe('First version of the route table that serves it'),
});

const age: IstioColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since the object was created',
};

const described = (
  type: ResourceType,
  { shortName, schema, columns }: { shortName?: string; schema: z.ZodType; columns: readonly IstioColumn[] },
): IstioKind => ({
  type: VERSIONS.map((version) => ({ ...type, version })),
  singular: type.kind.toLowerCase(),
  shortNames: shortName === undefined ? [] : [shortName],
  categories: ['istio-io', 'networking-istio-io'],
  schema,
  status: statusSchema,
  columns: [...columns, age],
});

const column = (name: string, field: string, description: string): IstioColumn => ({
  name,
  type: 'string',
  jsonPath: `.spec.${field}`,
  description,
});

export const ISTIO_KINDS: readonly IstioKind[] = [
  described(VIRTUAL_SERVICE, {
    shortName: 'vs',
    schema: virtualServiceSpecSchema,
    columns: [column('Gateways', 'gateways', 'Where it applies'), column('Hosts', 'hosts', 'Names that it routes')],
  }),
  described(DESTINATION_RULE, {
    shortName: 'dr',
    schema: destinationRuleSpecSchema,
    columns: [column('Host', 'host', 'Service it is about')],
  }),
  described(SERVICE_ENTRY, {
    shortName: 'se',
    schema: serviceEntrySpecSchema,
    columns: [
      column('Hosts', 'hosts', 'Names that it declares'),
      column('Location', 'location', 'Whether it belongs to the mesh'),
      column('Resolution', 'resolution', 'Where its addresses come from'),
    ],
  }),
  described(WORKLOAD_ENTRY, {
    shortName: 'we',
    schema: workloadEntrySpecSchema,
    columns: [column('Address', 'address', 'Where the workload is reached')],
  }),
  described(GATEWAY, { shortName: 'gw', schema: gatewaySpecSchema, columns: [] }),
  described(SIDECAR, { schema: sidecarSpecSchema, columns: [] }),
];
