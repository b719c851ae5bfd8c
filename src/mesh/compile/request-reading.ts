/** From MeshConfig to how a proxy reads requests. */

import type { MeshSettings } from '../schema/mesh-config.ts';
import { DEFAULT_READING, type RequestReading } from '../table/request-reading.ts';

export function requestReading({ pathNormalization }: MeshSettings): RequestReading {
  const { normalization = 'DEFAULT' } = pathNormalization ?? {};
  return { paths: normalization === 'DEFAULT' ? DEFAULT_READING.paths : normalization };
}
