/** The Istio kinds that this project reads and writes, described for CRDs, clients and parsers. */

import { z } from 'zod';
import type { ResourceType } from '../lib/resource.ts';
import { destinationRuleSpecSchema } from './schema/destination-rule.ts';
import { virtualServiceSpecSchema } from './schema/virtual-service.ts';

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

/** Written and watched in v1beta1, which every supported Istio serves. */
export const VIRTUAL_SERVICE: ResourceType = {
  group: GROUP,
  version: 'v1beta1',
  kind: 'VirtualService',
  plural: 'virtualservices',
  namespaced: true,
};

/** Written and watched in v1beta1, which every supported Istio serves. */
export const DESTINATION_RULE: ResourceType = {
  group: GROUP,
  version: 'v1beta1',
  kind: 'DestinationRule',
  plural: 'destinationrules',
  namespaced: true,
};

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

export const ISTIO_KINDS: readonly IstioKind[] = [
  {
    type: VERSIONS.map((version) => ({ ...VIRTUAL_SERVICE, version })),
    singular: 'virtualservice',
    shortNames: ['vs'],
    categories: ['istio-io', 'networking-istio-io'],
    schema: virtualServiceSpecSchema,
    status: statusSchema,
    columns: [
      { name: 'Gateways', type: 'string', jsonPath: '.spec.gateways', description: 'Where it applies' },
      { name: 'Hosts', type: 'string', jsonPath: '.spec.hosts', description: 'Names that it routes' },
      age,
    ],
  },
  {
    type: VERSIONS.map((version) => ({ ...DESTINATION_RULE, version })),
    singular: 'destinationrule',
    shortNames: ['dr'],
    categories: ['istio-io', 'networking-istio-io'],
    schema: destinationRuleSpecSchema,
    status: statusSchema,
    columns: [{ name: 'Host', type: 'string', jsonPath: '.spec.host', description: 'Service it is about' }, age],
  },
];
