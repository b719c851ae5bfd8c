/** The AlertProvider: where alerts go (`flagger.app/v1beta1`). Unlike Flagger's CRD, address and secretRef may stand together. */

import { z } from 'zod';
import type { KubeObject, ResourceType } from '../lib/resource.ts';

export const ALERT_PROVIDER: ResourceType = {
  group: 'flagger.app',
  version: 'v1beta1',
  kind: 'AlertProvider',
  plural: 'alertproviders',
  namespaced: true,
};

export const alertProviderSpecSchema = z
  .object({
    type: z.enum(['slack', 'msteams', 'discord', 'rocket', 'gchat']),
    channel: z.string().optional(),
    username: z.string().optional(),
    address: z.string().optional(),
    proxy: z.string().optional(),
    secretRef: z.object({ name: z.string() }).optional(),
  })
  .refine(({ address, secretRef }) => address !== undefined || secretRef !== undefined, {
    error: 'must have an address or a secretRef',
  });

export type AlertProviderSpec = z.output<typeof alertProviderSpecSchema>;
export type AlertProvider = KubeObject & { spec: AlertProviderSpec };
